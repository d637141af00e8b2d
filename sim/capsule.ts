/**
 * A capsule: everything that is needed to see a failure again, as one JSON file; and the test that
 * replays it. Whoever has it gets the same events on any machine.
 */
import { z } from 'zod';
import { IsoglossError } from '../protocol/errors.ts';
import { misfitOf } from './capsule-check.ts';
import type { Violation } from './checkers/index.ts';
import type { Trial } from './run.ts';
import { scenarioSchema } from './scenario.ts';
import { scheduleSchema } from './schedule/faults.ts';

export const CAPSULE_FORMAT = 1;

const capsuleSchema = z.strictObject({
  format: z.literal(CAPSULE_FORMAT),
  /** The isogloss that wrote it. */
  version: z.string(),
  /** The seed that it was found with; null: written by hand. */
  seed: z.number().int().min(0).nullable(),
  mode: z.enum(['recoverable', 'beyond', 'core', 'harmed', 'misled']),
  core: z.array(z.string()).nullable(),
  /** What was seen when it was written; null: nothing, it is kept to stay so. */
  violation: z
    .object({ checker: z.string(), atMs: z.number(), text: z.string() })
    .loose()
    .nullable(),
  scenario: scenarioSchema,
  schedule: scheduleSchema,
});

export type Capsule = z.infer<typeof capsuleSchema>;

/** A file that is no capsule, or one of another format. */
export class CapsuleError extends IsoglossError {
  override readonly name = 'CapsuleError';
  override readonly exitCode = 2;
}

/** Reads a capsule or a scenario file; `source` names it in errors. Throws a CapsuleError. */
export function parseCapsule(text: string, source: string): Capsule {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new CapsuleError(`${source} is not JSON`, { cause });
  }
  const result = capsuleSchema.safeParse(json);
  if (result.success) {
    const misfit = misfitOf(result.data);
    if (misfit !== null) throw new CapsuleError(`${source}: ${misfit.path}: ${misfit.text}`);
    if (result.data.scenario.model.kind === 'tiny') return result.data;
    const text = 'there is no oracle for the analytic model; tiny expected';
    throw new CapsuleError(`${source}: scenario.model.kind: ${text}`);
  }
  const issue = result.error.issues[0];
  throw new CapsuleError(`${source}: ${issue?.path.join('.')}: ${issue?.message}`);
}

export function capsuleOf(
  trial: Trial,
  seed: number | null,
  violation: Violation | null,
  version: string,
): Capsule {
  const { mode, core, scenario, schedule } = trial;
  return {
    format: CAPSULE_FORMAT,
    version,
    seed,
    mode,
    core: core === null ? null : [...core],
    violation: violation === null ? null : { ...violation },
    scenario,
    schedule: [...schedule],
  };
}

export function formatCapsule(capsule: Capsule): string {
  return `${JSON.stringify(capsule, null, 2)}\n`;
}

export function trialOf({ mode, core, scenario, schedule }: Capsule): Trial {
  return { mode, core, scenario, schedule };
}

/** An ava test that replays a capsule lying beside it; `simulator`: where it imports this from. */
export function testOf(capsule: Capsule, file: string, simulator: string): string {
  const { seed, violation } = capsule;
  const title = `${violation?.checker ?? 'all promises hold'} (seed ${seed ?? 'by hand'})`;
  return `/** Replays ${file}. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { parseCapsule, runTrial, trialOf } from '${simulator}';

test(${JSON.stringify(title)}, async (t) => {
  const path = new URL('./${file}', import.meta.url);
  const capsule = parseCapsule(readFileSync(path, 'utf8'), '${file}');
  const { violation } = await runTrial(trialOf(capsule));
  t.is(violation, null);
});
`;
}
