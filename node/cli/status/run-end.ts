/** Whether a run came to its end, by what a node of it wrote while it ran. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { METRICS_FILE } from '../places.ts';
import type { NodeStatus } from './document.ts';

const rowSchema = z.object({ current_steps: z.number(), runId: z.string() });

/**
 * `folder` is the run's. Its report comes only after a last scoring, so its rows of steps tell.
 * False also where that is not known.
 */
export async function cameToEnd(
  folder: string,
  { runId, steps }: Pick<NodeStatus, 'runId' | 'steps'>,
): Promise<boolean> {
  const text = await readFile(join(folder, METRICS_FILE), 'utf8').catch(() => '');
  const row = parseRow(text.trimEnd().split('\n').at(-1) ?? '');
  return row?.runId === runId && row.current_steps >= steps;
}

function parseRow(line: string): z.infer<typeof rowSchema> | undefined {
  try {
    return rowSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
