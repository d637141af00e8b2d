/** The methods that we and the libraries have in common, and how their answers are judged. */
import { aggregators, resolve } from '../../node/resolve/index.ts';
import {
  addedToMean,
  bargainResidual,
  cagradGap,
  descentResidual,
  distance,
  dualConeResidual,
  minNormGap,
  projectionSpread,
} from './measures.ts';
import type { Library } from './reference.ts';

export type Measure = (
  gram: Float64Array,
  weights: ArrayLike<number>,
  ours: Float64Array,
) => number;

export interface Method {
  readonly name: string;
  /** As in TorchJD's defaults, where it has any. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly libraries: readonly Library[];
  /** Times faster than TorchJD that it should be. */
  readonly goal: number;
  /** What is measured, by name; none for methods that follow a rule and solve nothing. */
  readonly errors: Readonly<Record<string, Measure>>;
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
    errors: { '‖d − ours‖ / ‖ours‖': distance },
    harmless: true,
  },
  {
    name: 'dualproj',
    options: {},
    libraries: torchjd,
    goal: 1,
    errors: {
      'KKT residual, unit rows': (gram, weights) =>
        dualConeResidual(gram, weights, 1 / weights.length),
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
    errors: { '‖d − ours‖ / ‖ours‖': distance },
  },
  {
    name: 'krum',
    options: { nByzantine: 1, nSelected: 1 },
    libraries: torchjd,
    goal: 1,
    errors: {},
  },
];

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
