/**
 * GradDrop and TrimmedMean: what needs the gradients themselves, coordinate by coordinate. No
 * weights say what they do; those that go with them are the mean's, and so is the certificate.
 */
import { z } from 'zod';
import type { RandomStream } from '../../../protocol/random.ts';
import { mean } from '../mean.ts';
import type { Aggregator } from '../types.ts';

const likeTheMean = {
  normalizeDefault: 'none' as const,
  stateLength: () => 0,
  weigh: mean.weigh,
};

export const graddrop: Aggregator<{ readonly leak: number }> = {
  ...likeTheMean,
  name: 'graddrop',
  doc: `In every coordinate the gradients of one sign are summed and the others dropped: the
positive ones with probability ½(1 + Σgᵢ/Σ|gᵢ|), drawn from the stream of (run, step, bucket)
(Chen et al., NeurIPS 2020). leak is the share of the dropped ones that stays. It needs the
rows: in a run the owner has them, on a matrix of your own use resolveRows. Weights and
certificate are the mean's. d may harm a language. As TorchJD, but with one leak for all rows.`,
  schema: z.strictObject({ leak: z.number().min(0).max(1).default(0) }),
  cost: 'O(k) a coordinate, and a draw',
  fromRows(rows, out, random, { leak }) {
    for (let j = 0; j < out.length; j++) out[j] = dropped(rows, j, random.nextFloat(), leak);
  },
};

function dropped(rows: readonly Float32Array[], j: number, draw: number, leak: number): number {
  let [up, down] = [0, 0];
  for (const row of rows) {
    if (row[j]! > 0) up += row[j]!;
    else down += row[j]!;
  }
  const size = up - down;
  if (size === 0) return 0;
  const isUp = draw < (1 + (up + down) / size) / 2;
  return isUp ? up + leak * down : down + leak * up;
}

export const trimmedMean: Aggregator<{ readonly trim: number }> = {
  ...likeTheMean,
  name: 'trimmed-mean',
  doc: `In every coordinate the mean of what is left without the trim largest and the trim
smallest values (Yin et al., ICML 2018): withstands trim false rows. It is defined for 2·trim + 1
rows and more; where a bucket of a run has fewer in a step, as many are left out as leave one or
two, the median. It needs the rows: in a run the owner has them, on a matrix of your own use
resolveRows. Weights and certificate are the mean's. As TorchJD.`,
  schema: z.strictObject({ trim: z.number().int().nonnegative().max(128).default(1) }),
  cost: 'O(k log k) a coordinate',
  rowsMin: ({ trim }) => 2 * trim + 1,
  fromRows(rows, out, _: RandomStream, { trim }) {
    const values = new Float64Array(rows.length);
    const cut = Math.min(trim, (rows.length - 1) >> 1);
    for (let j = 0; j < out.length; j++) {
      for (let i = 0; i < rows.length; i++) values[i] = rows[i]![j]!;
      values.sort();
      let sum = 0;
      for (let i = cut; i < rows.length - cut; i++) sum += values[i]!;
      out[j] = sum / (rows.length - 2 * cut);
    }
  },
};
