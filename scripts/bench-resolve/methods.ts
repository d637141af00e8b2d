/** The methods that we and the libraries have in common, and how their answers are judged. */
import { aggregators, resolve } from '../../node/resolve/index.ts';
import { alignedResidual } from './aligned.ts';
import {
  addedToMean,
  bargainResidual,
  cagradGap,
  descentResidual,
  dualConeResidual,
  minNormGap,
  projectionSpread,
  projectionsResidual,
} from './measures.ts';
import type { Answer, Library, Reference } from './reference.ts';

/** `projections`: what the weights are the sum of, for a method that has `projections`. */
export type Measure = (
  gram: Float64Array,
  weights: ArrayLike<number>,
  projections: readonly ArrayLike<number>[],
) => number;

/** What only upgrad's own problem is told by, ours and TorchJD's. */
export interface Projections {
  ours(gram: Float64Array): Float64Array[];
  theirs(reference: Reference, gram: Float64Array): Promise<Answer<{ projections: number[][] }>>;
}

export interface Method {
  readonly name: string;
  /** As in TorchJD's defaults, where it has any. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly libraries: readonly Library[];
  /** Times faster than TorchJD that it should be. */
  readonly goal: number;
  /** What is measured, by name; none for methods that follow a rule and solve nothing. */
  readonly errors: Readonly<Record<string, Measure>>;
  /** Left out: weights alone tell whether they are right. */
  readonly projections?: Projections;
  /** That d harms no language is promised. */
  readonly harmless?: true;
  /** There is no answer where the rows are Pareto stationary. */
  readonly needsDescent?: true;
}

const C = 0.5;
const both = ['torchjd', 'libmtl'] as const;
const torchjd = ['torchjd'] as const;

export const METHODS: readonly Method[] = [
  {
    name: 'mgda',
    options: {},
    libraries: both,
    goal: 10,
    errors: {
      'gap / ‖d‖²': minNormGap,
      'KKT residual, unit rows': (gram, weights) => descentResidual(gram, weights, weights),
    },
    harmless: true,
  },
  {
    name: 'cagrad',
    options: { c: C },
    libraries: torchjd,
    goal: 10,
    errors: {
      'duality gap, relative': (gram, weights) => cagradGap(gram, weights, C),
      'KKT residual, unit rows': (gram, weights) =>
        descentResidual(gram, weights, addedToMean(weights)),
    },
    needsDescent: true,
  },
  {
    name: 'nash-mtl',
    options: { maxNorm: 0 },
    libraries: torchjd,
    goal: 10,
    errors: { 'max |wᵢ(Gw)ᵢ / mean − 1|': bargainResidual },
    harmless: true,
    needsDescent: true,
  },
  {
    name: 'fairgrad',
    options: { alpha: 1 },
    libraries: torchjd,
    goal: 10,
    errors: { 'max |wᵢ(Gw)ᵢ / mean − 1|': bargainResidual },
    harmless: true,
    needsDescent: true,
  },
  { name: 'pcgrad', options: {}, libraries: both, goal: 10, errors: {} },
  { name: 'gradvac', options: {}, libraries: both, goal: 10, errors: {} },
  {
    name: 'upgrad',
    options: {},
    libraries: torchjd,
    goal: 10,
    errors: { 'KKT residual of each projection, unit rows': projectionsResidual },
    projections: {
      ours: projectionsOfOurs,
      theirs: (reference, gram) => reference.projections(gram),
    },
    harmless: true,
  },
  {
    name: 'dualproj',
    options: {},
    libraries: torchjd,
    goal: 1,
    errors: {
      'KKT residual, unit rows': (gram, weights) =>
        dualConeResidual(gram, weights, uniform(weights.length)),
    },
    harmless: true,
  },
  {
    name: 'imtl-g',
    options: {},
    libraries: both,
    goal: 1,
    errors: { 'spread of projections': projectionSpread },
    needsDescent: true,
  },
  {
    name: 'aligned-mtl',
    options: {},
    libraries: torchjd,
    goal: 1,
    errors: { '‖G^½w − √s·Pp‖ / √s‖p‖, 80 decimals': alignedResidual },
  },
  {
    name: 'krum',
    options: { nByzantine: 1, nSelected: 1 },
    libraries: torchjd,
    goal: 1,
    errors: {},
  },
];

const uniform = (m: number) => new Float64Array(m).fill(1 / m);

/** Upgrad that prefers one row alone is that row's projection. */
function projectionsOfOurs(gram: Float64Array): Float64Array[] {
  const m = Math.sqrt(gram.length);
  return Array.from({ length: m }, (_, row) => {
    const preference = Float64Array.from({ length: m }, (_, i) => (i === row ? 1 / m : 0));
    return resolve(gram, { aggregator: 'upgrad', normalize: 'none', preference }).weights;
  });
}

/** Those that our catalogue has by now. */
export const present = METHODS.filter(({ name }) => aggregators.some((ours) => ours.name === name));
export const missing = METHODS.filter((method) => !present.includes(method));

/** Those of these names, all where left out. Throws for a name that is none of ours. */
export function methodsNamed(names: readonly string[] | undefined): readonly Method[] {
  const unknown = names?.find((name) => !present.some((method) => method.name === name));
  if (unknown === undefined) return present.filter(({ name }) => names?.includes(name) ?? true);
  throw new Error(`no method "${unknown}"; use some of ${present.map(({ name }) => name)}`);
}

/** Our weights, certificate included. */
export function ourWeights({ name, options }: Method, gram: Float64Array): Float64Array {
  return resolve(gram, { aggregator: name, normalize: 'none', ...options }).weights;
}
