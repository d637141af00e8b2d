/**
 * Checks of what crosses into compute, made on both sides of the thread's boundary, and padding.
 */
import { assert, defined } from '../../protocol/assert.ts';
import type { BucketLayout } from '../../protocol/buckets.ts';
import type { BucketValues, ComputeOptions, UnitBatch } from './types.ts';

type Shapes = Pick<ComputeOptions, 'config' | 'unitSequences' | 'sequenceLength'>;

/** Target of a place that is not scored. */
export const NOT_SCORED = -1;

/** Asserts that the unit has the run's sequence length, at most its sequences, and ids in range. */
export function assertUnit(unit: UnitBatch, { config, unitSequences, sequenceLength }: Shapes) {
  const { tokens, targets, sequences } = unit;
  const shape = `[${sequences}, ${unit.sequenceLength}]`;
  assert(
    unit.sequenceLength === sequenceLength && sequences >= 1 && sequences <= unitSequences,
    `unit of ${shape} tokens, expected [1 to ${unitSequences}, ${sequenceLength}]`,
  );
  const count = sequences * sequenceLength;
  assert(tokens.length === count, `${tokens.length} tokens in a unit of ${shape}`);
  assert(targets.length === count, `${targets.length} targets in a unit of ${shape}`);
  const { vocabularySize } = config;
  for (let place = 0; place < count; place++) {
    const token = tokens[place]!;
    const target = targets[place]!;
    assert(token >= 0 && token < vocabularySize, `token ${token} at ${place} is out of vocabulary`);
    assert(
      target >= NOT_SCORED && target < vocabularySize,
      `target ${target} at ${place} is out of vocabulary`,
    );
  }
}

/** The unit with sequences of token 0, none scored, up to `sequences`. */
export function padUnit(unit: UnitBatch, sequences: number): UnitBatch {
  if (unit.sequences === sequences) return unit;
  const count = sequences * unit.sequenceLength;
  const tokens = new Int32Array(count);
  tokens.set(unit.tokens);
  const targets = new Int32Array(count).fill(NOT_SCORED);
  targets.set(unit.targets);
  return { tokens, targets, sequences, sequenceLength: unit.sequenceLength };
}

/** Number of places that are scored. */
export function scoredTokens({ targets }: UnitBatch): number {
  return targets.reduce((count, target) => (target === NOT_SCORED ? count : count + 1), 0);
}

/** Asserts that each bucket exists and has as many values as its range. */
export function assertBuckets(given: readonly BucketValues[], { buckets }: BucketLayout): void {
  for (const { bucket, values } of given) {
    const { length } = defined(buckets[bucket], `bucket ${bucket} of ${buckets.length}`);
    assert(values.length === length, `bucket ${bucket}: ${values.length} of ${length} values`);
  }
}
