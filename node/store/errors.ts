/** What can be wrong with a checkpoint: damaged, not all there, or of another run. */
import { basename } from 'node:path';
import { IsoglossError } from '../../protocol/errors.ts';

/** A checkpoint that is damaged, contradicts itself, or mixes runs or steps. */
export class CheckpointCorruptError extends IsoglossError {
  override readonly name = 'CheckpointCorruptError';
  readonly path: string;
  /** The message without the path. */
  readonly problem: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.path = path;
    this.problem = problem;
  }
}

/** What the user is about. */
export type Purpose = 'resume' | 'export' | 'verify';

const REMEDIES: Readonly<Record<Purpose, (whom: string) => string>> = {
  resume: (whom) => `Start ${whom}, or --resume an older checkpoint.`,
  export: (whom) => `Name the folders of ${whom} too, or take an older --step.`,
  verify: (whom) => `Copy the folders of ${whom} into the run's state/.`,
};

/** A checkpoint of which some nodes' parts are not at hand. */
export class CheckpointIncompleteError extends IsoglossError {
  override readonly name = 'CheckpointIncompleteError';
  readonly path: string;
  readonly buckets: readonly number[];
  /** Names of the nodes that should have them, as far as anybody knows. */
  readonly holders: readonly string[];

  constructor(
    path: string,
    buckets: readonly number[],
    holders: readonly string[],
    purpose: Purpose = 'resume',
  ) {
    const known = holders.length > 0;
    const held = known ? `, last held by ${holders.join(', ')}` : '';
    const whom = known ? holders.join(', ') : 'the nodes that held them';
    const lacks = `${basename(path)} lacks ${describeBuckets(buckets)}${held}`;
    super(`${lacks}. ${REMEDIES[purpose](whom)}`);
    this.path = path;
    this.buckets = buckets;
    this.holders = holders;
  }
}

/** A checkpoint of another run, or of other numerics, than the one that should go on. */
export class ResumeMismatchError extends IsoglossError {
  override readonly name = 'ResumeMismatchError';
  override readonly exitCode = 2;
  readonly path: string;
  /** Each as "optimizer.learningRate was 0.0001, is 0.0002". */
  readonly differences: readonly string[];

  constructor(path: string, runs: string, differences: readonly string[]) {
    const remedy = `Put it back, or start anew: --set model.path=${path}.`;
    super(`${basename(path)} ${runs}: ${differences.join('; ')}.\n  ${remedy}`);
    this.path = path;
    this.differences = differences;
  }
}

/** "bucket 3" or "buckets 3, 12-15"; `buckets` ascends. */
export function describeBuckets(buckets: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const bucket of buckets) {
    const run = runs.at(-1);
    if (run?.[1] === bucket - 1) run[1] = bucket;
    else runs.push([bucket, bucket]);
  }
  const shown = runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return `${buckets.length === 1 ? 'bucket' : 'buckets'} ${shown.join(', ')}`;
}
