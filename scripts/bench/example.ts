/** What the benches run: the shipped example, and `isogloss local` on it, step by step. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { loadConfig, parseSet } from '../../node/cli/config/index.ts';
import { type Job, openJob } from '../../node/cli/job/index.ts';

const TOP = join(import.meta.dirname, '..', '..');
export const EXAMPLE = join(TOP, 'examples', 'udhr.yaml');
export const MAIN = join(TOP, 'node', 'cli', 'bin.ts');

/** The example's job; `sets` are those of `--set`. */
export async function openExample(sets: readonly string[]): Promise<Job> {
  return await openJob(await loadConfig(EXAMPLE, sets.map(parseSet)));
}

export interface TimedRun {
  /** Milliseconds from one step's end to the next one's, the first step left out. */
  readonly stepMs: readonly number[];
  /** Scored tokens of each of these steps. */
  readonly tokens: readonly number[];
  /** Bytes that all nodes sent in the whole run, its first word and its last included. */
  readonly sentBytes: number;
}

export interface LocalRun {
  readonly nodes: number;
  readonly steps: number;
  /** Left out: the example's. */
  readonly config?: string;
}

/** Runs `isogloss local` for a few steps in processes of their own, as a user does. */
export async function timeLocal(
  sets: readonly string[],
  { nodes, steps, config = EXAMPLE }: LocalRun,
): Promise<TimedRun> {
  const folder = await mkdtemp(join(tmpdir(), 'isogloss-bench-'));
  const flags = ['--nodes', String(nodes), '--steps', String(steps), '--json'];
  const out = ['--out', join(folder, 'out')];
  const overrides = sets.flatMap((set) => ['--set', set]);
  const child = spawn(process.execPath, [MAIN, 'local', config, ...flags, ...out, ...overrides], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const seen: { atMs: number; tokens: number }[] = [];
  /** Null until the report; 0 where there is one node. */
  let sentBytes: number | null = null;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const { type, tokens, wire } = JSON.parse(line);
      if (type === 'step') seen.push({ atMs: performance.now(), tokens });
      if (type === 'report') sentBytes = wire.bytesSent;
    }
  } finally {
    child.kill();
    await rm(folder, { recursive: true, force: true });
  }
  if (seen.length < steps || sentBytes === null)
    throw new Error(`the run ended after ${seen.length} of ${steps} steps`);
  const pairs = seen.slice(1).map((step, index) => [seen[index]!, step] as const);
  return {
    stepMs: pairs.map(([before, after]) => after.atMs - before.atMs),
    tokens: pairs.map(([, { tokens }]) => tokens),
    sentBytes,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
