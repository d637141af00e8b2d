/** What a method promises, checked on one matrix after another; for tests only. */
import { type Certificate, resolve } from '../../node/resolve/index.ts';
import type { Promises } from './configurations.ts';
import { innerProducts, sizeOf } from './families.ts';
import type { Matrix } from './matrices.ts';

interface Worst {
  readonly violations: readonly string[];
  readonly line: string;
}

/**
 * Of ‖d‖² where it is this large a share of what it is a sum of; below, rounding has the digits.
 */
const GAP_MAX = 1e-12;
const PROPER = 1e-3;
/** Of what is added up, whatever is left of it. */
const ROUNDING_MAX = 1e-13;

/**
 * Kinds with rows far longer than d. Raw, their weights' own rounding is more than GAP_MAX of ‖d‖²:
 * 2⁻⁵³ of what the longest row's product with d is added up from.
 */
const UNEVEN = ['uneven', 'very uneven', 'one short row'];

/** What a gap is added up from: for `min-norm` inner products with d, of long rows too. */
function addedUp(
  gram: Float64Array,
  m: number,
  { problem, scale }: Certificate,
  { normalize }: Promises['configuration'],
): number {
  if (problem !== 'min-norm') return scale;
  if (normalize === 'l2') return Math.sqrt(scale);
  const squares = Array.from({ length: m }, (_, i) => gram[i * m + i]!);
  return Math.sqrt(scale) * Math.sqrt(Math.max(...squares));
}

/** Nothing but finite weights, small gaps, harmless directions; masks are deleted rows. */
export function holdsOn(promise: Promises, matrices: readonly Matrix[]): Worst {
  const { configuration, rowsMin = 1 } = promise;
  const violations: string[] = [];
  let gap = 0;
  let residual = 0;
  let iterations = 0;
  for (const { label, m, gram } of matrices) {
    if (m < rowsMin) continue;
    const fail = (what: string) => violations.push(`${label}: ${what}`);
    const { weights, certificate } = resolve(gram, configuration);
    const { problem, converged, stationary, scale, squaredNorm } = certificate;
    if (!weights.every(Number.isFinite)) fail('weights are not finite');
    const { aggregator, alpha, normalize } = configuration;
    const isExtreme = aggregator === 'fairgrad' && !(Number(alpha) > 0.25 && Number(alpha) < 5);
    const isBounded = problem === 'min-norm' && normalize === 'none';
    const isOut = (isExtreme || isBounded) && label.startsWith('very uneven');
    if (!converged && !isOut) fail('not within its bound on iterations');
    iterations = Math.max(iterations, certificate.iterations);
    if (problem !== 'none') {
      const isProper = squaredNorm > PROPER * scale;
      if (isProper) gap = Math.max(gap, certificate.gapRelative);
      if (scale > 0) residual = Math.max(residual, certificate.gap / scale);
      const isUneven = problem === 'min-norm' && normalize === 'none' && isOneOf(UNEVEN, label);
      const limit =
        isProper && !isUneven
          ? GAP_MAX * squaredNorm
          : ROUNDING_MAX * addedUp(gram, m, certificate, configuration);
      if (certificate.gap > limit) fail(`gap ${certificate.gap} of ${squaredNorm}, scale ${scale}`);
    }
    if (promise.harmless && !stationary) {
      const size = sizeOf(gram, weights);
      innerProducts(gram, weights).forEach((inner, i) => {
        const length = Math.sqrt(gram[i * weights.length + i]!);
        if (inner < -1e-12 * size * length) fail(`⟨g${i}, d⟩ = ${inner}`);
      });
    }
    if (m > rowsMin && !isDeleted(configuration, gram, m)) fail('a mask is not a deletion');
  }
  const name = JSON.stringify(configuration);
  const share = (value: number) => value.toExponential(1);
  return {
    violations,
    line: `${name}: gap / ‖d‖² ${share(gap)}, gap / scale ${share(residual)}, ${iterations} steps`,
  };
}

const isOneOf = (kinds: readonly string[], label: string) =>
  kinds.some((kind) => label.startsWith(`${kind},`));

/** Whether leaving the first row out by mask gives the bits of never having had it. */
function isDeleted(configuration: Promises['configuration'], gram: Float64Array, m: number) {
  const mask = Uint8Array.from({ length: m }, (_, i) => (i === 0 ? 0 : 1));
  const masked = resolve(gram, { ...configuration, mask });
  const rest = gram.filter((_, at) => at >= m && at % m !== 0);
  const deleted = resolve(rest, configuration);
  return deleted.weights.every((weight, i) => Object.is(weight, masked.weights[i + 1]));
}
