/** From gradients to their direction in one call, by methods of either kind. */
import { createStream } from '../../protocol/random.ts';
import { checkEnough, chosenBy, maskOf, type ResolveOptions } from './call.ts';
import { combine } from './combine.ts';
import { directionInto } from './direction.ts';
import { gramOfRows } from './gram.ts';
import { commonLength } from './kernel/index.ts';
import { resolveChosen } from './resolve.ts';
import { checkDirection, checkKinds, checkNumbers, type GivenRow } from './rows-check.ts';
import type { WeighResult } from './types.ts';

/** Near enough below the largest float32. */
const F32_MAX = 2 ** 127;

export interface RowsResult {
  /** As long as the rows; of no length where all are null, and nobody says how long they were. */
  readonly direction: Float32Array;
  /** Null for a method that needs the rows themselves. */
  readonly resolved: WeighResult | null;
}

/**
 * The direction of gradients by any method; `options` are those of `resolve`. A row is f32, or bf16
 * as the 16 bits of its values, each the upper half of an f32. A row that is null
 * is absent, and so is one whose mask is 0, which is not looked at; with none present d = 0. Throws
 * what `resolve` throws, and a GramError for rows of another kind or length, or not finite.
 */
export function resolveRows(
  rows: readonly (GivenRow | null)[],
  options: ResolveOptions,
): RowsResult {
  const chosen = chosenBy(options);
  const { aggregator, config, seed } = chosen;
  checkKinds(rows, false);
  const allowed = maskOf(options, rows.length);
  const present = rows.map((row, i) => (allowed[i] === 1 ? row : null));
  const mask = Uint8Array.from(present, (row) => (row === null ? 0 : 1));
  const length = mask.includes(1) ? commonLength(present) : commonLength(rows);
  const direction = new Float32Array(length);
  if (aggregator.fromRows === undefined) {
    const gram = gramOfRows(present);
    // Every value is in the diagonal, which is finite if they are.
    if (!gram.every(Number.isFinite)) checkNumbers(present);
    const resolved = resolveChosen(gram, rows.length, chosen, { ...options, mask });
    combine(present, resolved.weights, direction);
    const { weights } = resolved;
    const size = weights.reduce((sum, weight, i) => {
      return sum + Math.abs(weight) * Math.sqrt(gram[i * rows.length + i]!);
    }, 0);
    // No value of d is above it.
    if (!(size < F32_MAX)) checkDirection(direction, aggregator.name);
    return { direction, resolved };
  }
  checkEnough(chosen, mask);
  checkNumbers(present);
  const random = () => createStream('rows', seed);
  directionInto(direction, { rows: present, weights: [], random }, config, [aggregator]);
  checkDirection(direction, aggregator.name);
  return { direction, resolved: null };
}
