/**
 * Looks into a model folder, a checkpoint or a run's folder, holds everything in it to its hashes,
 * and says what it is. Nothing is changed.
 *
 * ```ts
 * import { inspect, inspectionLines } from './node/cli/inspect/index.ts';
 *
 * const { inspection, problems } = await inspect('runs/1');
 * for (const line of inspectionLines(inspection)) console.log(line);
 * for (const { name, message } of problems) console.error(name, message);
 * ```
 */
import type { IsoglossError } from '../../../protocol/index.ts';
import { placeKind } from '../places.ts';
import { type CheckpointInspection, inspectCheckpoint } from './checkpoint.ts';
import { inspectModel, type ModelInspection } from './model.ts';
import { inspectRun, type RunInspection } from './run.ts';

export { type BucketRow, bucketLines } from './bucket-rows.ts';
export type { CheckpointInspection } from './checkpoint.ts';
export type { FileSize, ModelInspection } from './model.ts';
export type { RunInspection } from './run.ts';
export { inspectionLines } from './text.ts';

export type Inspection = ModelInspection | CheckpointInspection | RunInspection;

export interface Inspected {
  readonly inspection: Inspection;
  /** What is wrong with parts of a run's folder; a model or checkpoint is whole or refused. */
  readonly problems: readonly IsoglossError[];
}

/**
 * Throws a PathError for what is none of the three, the errors of node/model for a bad model, and
 * those of node/store for a torn, damaged or mixed checkpoint.
 */
export async function inspect(path: string): Promise<Inspected> {
  const kind = await placeKind(path);
  if (kind === 'run') return inspectRun(path);
  const inspection = kind === 'model' ? await inspectModel(path) : await inspectCheckpoint(path);
  return { inspection, problems: [] };
}
