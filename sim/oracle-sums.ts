/** The oracle's sums over a language's units, along the tree that decisions fixed, by recursion. */
import { type CodecName, roundTrip } from '../protocol/codecs.ts';
import type { OracleRun, OracleUnit } from './oracle.ts';

/** A language's sum over its units: halves added recursively, the left half a power of two. */
export async function languageSum(
  run: Pick<OracleRun, 'unitsByLanguage' | 'codec' | 'gradient'>,
  parameters: Float32Array,
  step: number,
  language: number,
): Promise<OracleUnit> {
  const units = run.unitsByLanguage[language]!;
  const sumOf = async (first: number, last: number): Promise<OracleUnit> => {
    if (last - first === 1) {
      const unit = await run.gradient(parameters, step, language, first);
      for (const slice of unit.slices) if (slice !== null) roundTrip(run.codec, slice);
      return unit;
    }
    let half = 1;
    while (half * 2 < last - first) half *= 2;
    const left = await sumOf(first, first + half);
    const right = await sumOf(first + half, last);
    const slices = left.slices.map((slice, b) => addSlices(run.codec, slice, right.slices[b]!));
    return { tokens: left.tokens + right.tokens, lossSum: left.lossSum + right.lossSum, slices };
  };
  return sumOf(0, units);
}

/** Absent passes the other through; a number that is not finite shows in the sum. */
function addSlices(
  codec: CodecName,
  left: Float32Array | null,
  right: Float32Array | null,
): Float32Array | null {
  if (left === null || right === null) return left ?? right;
  if (!allFinite(left) || !allFinite(right)) return new Float32Array(left.length).fill(Number.NaN);
  const sum = left.map((value, i) => value + right[i]!);
  roundTrip(codec, sum);
  return sum;
}

export function allFinite(values: Float32Array): boolean {
  return values.every((value) => Number.isFinite(value));
}
