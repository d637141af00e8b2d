/** Resolving one Gram matrix on its own: what someone uses who trains nothing with us. */
import { createStream, type RandomStream } from '../../protocol/random.ts';
import { type AggregatorConfig, schemaOf } from './config.ts';
import { AggregatorError, GramError } from './errors.ts';
import { createAggregatorState, resolveGroup } from './group.ts';
import { lossesAreUsable } from './normalize.ts';
import { aggregatorOfModule, type OwnAggregator } from './own.ts';
import { aggregatorByName } from './registry.ts';
import { type Aggregator, LANGUAGES_MAX, type Normalize, type WeighResult } from './types.ts';

export interface ResolveOptions {
  /** A name of the catalogue, or an aggregator of your own. */
  readonly aggregator: string | Aggregator | OwnAggregator;
  /** Left out: what the aggregator says. */
  readonly normalize?: Normalize;
  /** m entries, 1 where the objective has a row; left out: all have. */
  readonly mask?: ArrayLike<number>;
  /** By objective, for methods that look at them; left out: unknown. */
  readonly losses?: ArrayLike<number>;
  /** For methods that draw: equal seeds give equal weights. 0 where left out. */
  readonly seed?: number;
  /** m numbers ≥ 0, not all 0, for methods that use them; left out: all count the same. */
  readonly preference?: ArrayLike<number>;
  /**
   * m·m inner products ⟨gᵢ, hⱼ⟩ of two batches' rows, for sdmgrad and modo; left out: G.
   */
  readonly cross?: ArrayLike<number>;
  /** What the call before returned, for methods that remember. */
  readonly state?: Float64Array;
  /** The method's own options. */
  readonly [option: string]: unknown;
}

/** Rounding that the two halves of a matrix may differ by, as a share of √(Gᵢᵢ·Gⱼⱼ). */
const SYMMETRY_MAX = 1e-6;

/**
 * Weights of the m rows behind a Gram matrix of m·m numbers, row by row. Its halves may differ by
 * rounding; their mean is used. Throws a GramError for what is no Gram matrix, an AggregatorError
 * for an unknown method or option.
 */
export function resolve(gram: ArrayLike<number>, options: ResolveOptions): WeighResult {
  const { aggregator: chosen, mask, losses, seed, preference, cross, state, ...rest } = options;
  const m = Math.round(Math.sqrt(gram.length));
  if (m * m !== gram.length || m < 1 || m > LANGUAGES_MAX) {
    const range = `1 to ${LANGUAGES_MAX}`;
    throw new GramError(`gram has ${gram.length} numbers, expected m·m with m from ${range}`);
  }
  const own = typeof chosen === 'string' ? [] : [aggregatorOfModule(chosen)];
  const config = parseConfig(typeof chosen === 'string' ? chosen : chosen.name, rest, own);
  const present = maskOf(mask, m);
  const before = createAggregatorState(config, m, own);
  const means = vector(losses, m, 'losses', Number.NaN);
  if (config.normalize.startsWith('loss') && !lossesAreUsable(means, present)) {
    throw new GramError(`normalize ${config.normalize} needs losses above 0, one a row`);
  }
  const input = {
    grams: [checked(gram, m, present)],
    mask: present,
    losses: means,
    random: whenAsked(() => createStream('resolve', seed ?? 0)),
    state: state === undefined ? before : vector(state, before.length, 'state', 0),
    ...(preference === undefined ? {} : { preference: preferred(preference, m, config.name, own) }),
    ...(cross === undefined ? {} : { cross: crossed(cross, m, present) }),
  };
  return resolveGroup(input, config, own);
}

function parseConfig(name: string, rest: object, own: readonly Aggregator[]): AggregatorConfig {
  const aggregator = aggregatorByName(name, own);
  if (aggregator.fromRows !== undefined) {
    throw new AggregatorError(`${name} needs the gradients themselves: use resolveRows`);
  }
  const result = schemaOf(aggregator).safeParse({ ...rest, name });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new AggregatorError(`${name}: ${[...issue.path, issue.message].join(': ')}`);
}

/** A stream that is made when its first number is: keying one costs more than some methods. */
function whenAsked(make: () => RandomStream): RandomStream {
  let made: RandomStream | null = null;
  const stream = () => {
    made ??= make();
    return made;
  };
  return {
    nextUint32: () => stream().nextUint32(),
    nextBelow: (bound) => stream().nextBelow(bound),
    nextFloat: () => stream().nextFloat(),
  };
}

function preferred(
  preference: ArrayLike<number>,
  m: number,
  name: string,
  own: readonly Aggregator[],
): Float64Array {
  if (aggregatorByName(name, own).usesPreference !== true) {
    throw new AggregatorError(`${name}: preference is unused; leave it out`);
  }
  const values = vector(preference, m, 'preference', 1);
  const fit = values.every((value) => value >= 0 && Number.isFinite(value));
  if (fit && values.some((value) => value > 0)) return values;
  throw new GramError(`preference is ${[...values].join(', ')}; expected numbers ≥ 0, not all 0`);
}

function maskOf(given: ArrayLike<number> | undefined, m: number): Uint8Array {
  const mask = new Uint8Array(m).fill(1);
  if (given === undefined) return mask;
  const bits = vector(given, m, 'mask', 1);
  for (let i = 0; i < m; i++) {
    if (bits[i] !== 0 && bits[i] !== 1) throw new GramError('mask has only 0 and 1');
    mask[i] = bits[i]!;
  }
  return mask;
}

function vector(
  given: ArrayLike<number> | undefined,
  length: number,
  what: string,
  filler: number,
): Float64Array {
  if (given === undefined) return new Float64Array(length).fill(filler);
  if (given.length === length) return Float64Array.from(given);
  throw new GramError(`${what} has ${given.length} numbers, expected ${length}`);
}

/** Inner products of two batches, with zeros where a row is masked. */
function crossed(cross: ArrayLike<number>, m: number, mask: Uint8Array): Float64Array {
  const clean = vector(cross, m * m, 'cross', 0).map((entry, at) =>
    mask[Math.floor(at / m)] === 1 && mask[at % m] === 1 ? entry : 0,
  );
  if (clean.every(Number.isFinite)) return clean;
  throw new GramError('cross has numbers that are not finite');
}

/** The matrix, symmetric to the bit, with zeros where a row is masked. */
function checked(gram: ArrayLike<number>, m: number, mask: Uint8Array): Float64Array {
  const clean = new Float64Array(m * m);
  const norms = new Float64Array(m);
  for (let i = 0; i < m; i++) norms[i] = Math.sqrt(gram[i * m + i]!);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= i; j++) {
      if (mask[i] === 0 || mask[j] === 0) continue;
      const lower = gram[i * m + j]!;
      const upper = gram[j * m + i]!;
      const size = norms[i]! * norms[j]!;
      if (!Number.isFinite(lower) || !Number.isFinite(upper) || !Number.isFinite(size)) {
        const numbers = `${lower} and ${upper} at (${i}, ${j})`;
        throw new GramError(`gram has ${numbers}; it must be finite, its diagonal not negative`);
      }
      if (Math.abs(lower - upper) > SYMMETRY_MAX * size) {
        throw new GramError(`gram is not symmetric: ${lower} and ${upper} at (${i}, ${j})`);
      }
      const entry = lower === upper ? lower : lower + (upper - lower) / 2;
      clean[i * m + j] = entry;
      clean[j * m + i] = entry;
    }
  }
  return clean;
}
