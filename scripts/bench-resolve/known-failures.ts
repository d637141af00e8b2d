/** What the published code is known to do, found again on our matrices: each a sentence. */
import { minNorm } from '../../node/resolve/index.ts';
import { isMovable } from './accuracy.ts';
import { correlated, nastyMatrices } from './matrices.ts';
import { innerProducts, squareOf } from './measures.ts';
import type { Reference } from './reference.ts';

/** TorchJD's `norm_eps`. */
const TRACE_MIN = 1e-4;

export async function* knownFailures(
  reference: Reference,
  sizes: readonly number[],
  perSize: number,
): AsyncGenerator<string> {
  yield await aboveOptimum(reference, sizes, perSize);
  yield await noDescent(reference);
  yield await startingPoint(reference);
  yield await zeroDirection(reference);
}

async function aboveOptimum(
  reference: Reference,
  sizes: readonly number[],
  perSize: number,
): Promise<string> {
  const excesses: number[] = [];
  for (const m of sizes) {
    for (let seed = 0; seed < perSize; seed++) {
      const { gram } = correlated(m, seed);
      const answer = await reference.weights('torchjd', 'mgda', gram);
      if ('error' in answer) continue;
      const least = squareOf(gram, minNorm(gram, m).weights);
      excesses.push(100 * (squareOf(gram, answer.weights) / least - 1));
    }
  }
  const [low, high] = [Math.min(...excesses), Math.max(...excesses)].map((x) => x.toFixed(2));
  const on = `on correlated rows, m = ${sizes.join(', ')}`;
  return `MGDA with TorchJD's defaults: ‖d‖² is ${low} to ${high} % above the optimum ${on}`;
}

async function noDescent(reference: Reference): Promise<string> {
  const matrices = nastyMatrices().filter(({ gram, m }) => isMovable(gram, m));
  const counts = { torchjd: 0, libmtl: 0, ours: 0 };
  let unanswered = 0;
  for (const { gram, m } of matrices) {
    if (least(gram, minNorm(gram, m).weights) <= 0) counts.ours++;
    for (const library of ['torchjd', 'libmtl'] as const) {
      const answer = await reference.weights(library, 'mgda', gram);
      if ('error' in answer) unanswered++;
      else if (!(least(gram, answer.weights) > 0)) counts[library]++;
    }
  }
  const { torchjd, libmtl, ours } = counts;
  const libraries = `TorchJD ${torchjd}, LibMTL ${libmtl} (and no answer for ${unanswered})`;
  const found = `${libraries}, ours ${ours}, of ${matrices.length} nasty matrices`;
  return `MGDA, no descent for all where there is one: ${found}`;
}

const least = (gram: Float64Array, weights: ArrayLike<number>) =>
  Math.min(...innerProducts(gram, weights));

async function startingPoint(reference: Reference): Promise<string> {
  const matrices = nastyMatrices().filter(({ gram, m }) => isMovable(gram, m));
  let same = 0;
  for (const { gram } of matrices) {
    const answer = await reference.weights('torchjd', 'nash-mtl', gram);
    if (!('error' in answer) && answer.weights.every((weight) => weight === 1)) same++;
  }
  return `Nash, TorchJD returns its starting point: ${same} of ${matrices.length} nasty matrices`;
}

async function zeroDirection(reference: Reference): Promise<string> {
  const matrices = nastyMatrices().filter(({ gram, m }) => {
    return isMovable(gram, m) && traceOf(gram, m) < TRACE_MIN;
  });
  let zero = 0;
  for (const { gram } of matrices) {
    const answer = await reference.weights('torchjd', 'cagrad', gram);
    if (!('error' in answer) && answer.weights.every((weight) => weight === 0)) zero++;
  }
  const of = `${matrices.length} matrices whose trace is below ${TRACE_MIN}`;
  return `CAGrad, TorchJD returns zeros: ${zero} of ${of}`;
}

function traceOf(gram: Float64Array, m: number): number {
  let trace = 0;
  for (let i = 0; i < m; i++) trace += gram[i * m + i]!;
  return trace;
}
