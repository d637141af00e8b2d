/** Where to begin: the newest checkpoint before the first step that is to be computed. */

import { IsoglossError } from '../../../protocol/index.ts';
import {
  type KeptBucket,
  type OracleRun,
  type OracleStart,
  oracleStart,
} from '../../../sim/index.ts';
import {
  CheckpointCorruptError,
  checkpointName,
  openSources,
  type PartedStep,
  readSources,
} from '../../store/index.ts';

/** Undefined: the base. What is passed over is told through `note`. */
export async function findStart(
  run: OracleRun,
  checkpoints: readonly PartedStep[],
  before: number,
  note: (text: string) => void,
): Promise<OracleStart | undefined> {
  for (const { step, parts } of checkpoints) {
    if (step >= before || step === 0) continue;
    try {
      return await readStart(
        run,
        step,
        parts.map(({ path }) => path),
      );
    } catch (error) {
      if (!(error instanceof IsoglossError)) throw error;
      note(`${error.name} ${error.message} Computing begins at an older step.`);
    }
  }
  return undefined;
}

async function readStart(run: OracleRun, step: number, paths: string[]): Promise<OracleStart> {
  const { manifest, sources } = await openSources(checkpointName(step), paths, 'verify');
  const kept: KeptBucket[] = [];
  for await (const stored of readSources(sources)) kept.push(stored);
  const found = oracleStart(run, manifest, kept);
  if ('start' in found) return found.start;
  const { path } = sources[found.wrong]!;
  const problem = `bucket ${found.wrong} lacks what the optimizer or the aggregator keeps.`;
  throw new CheckpointCorruptError(path, problem);
}
