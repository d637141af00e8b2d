/** Every method of the catalogue with options that change what it does, and what it promises. */

import type { Normalize, Problem } from '../../node/resolve/index.ts';

export interface Configuration {
  readonly aggregator: string;
  readonly normalize?: Normalize;
  readonly [option: string]: unknown;
}

export interface Promises {
  readonly configuration: Configuration;
  /** d does not depend on the order of the rows. */
  readonly orderless?: true;
  /** G·w ≥ 0: d harms nobody. */
  readonly harmless?: true;
  /** Weights are ≥ 0 and sum to 1. */
  readonly onSimplex?: true;
  /**
   * How weights change where all rows are s times as long: by s to this power; 0 left out, null
   * where nothing is promised.
   */
  readonly power?: number | null;
  /** Rows that `resolve` asks for at least; 1 left out. */
  readonly rowsMin?: number;
  /** What it says it solved, with rows that are independent; left out: nothing. */
  readonly problem?: Problem;
}

export const promises: readonly Promises[] = [
  { configuration: { aggregator: 'mean' }, orderless: true, onSimplex: true },
  { configuration: { aggregator: 'sum' }, orderless: true },
  { configuration: { aggregator: 'constant' }, orderless: true, onSimplex: true },
  { configuration: { aggregator: 'random' }, onSimplex: true },
  ...(['none', 'l2'] as const).map((normalize) => ({
    configuration: { aggregator: 'mgda', normalize },
    orderless: true as const,
    harmless: true as const,
    onSimplex: true as const,
    problem: 'min-norm' as const,
  })),
  ...(['none', 'l2'] as const).flatMap((normalize) =>
    [{ aggregator: 'mgda-capped', cap: 0.3 }, { aggregator: 'fedmgda' }].map((method) => ({
      configuration: { ...method, normalize },
      orderless: true as const,
      onSimplex: true as const,
      problem: 'min-norm' as const,
    })),
  ),
  {
    configuration: { aggregator: 'fedmgda', epsilon: 0.5, normalize: 'none' },
    orderless: true,
    onSimplex: true,
    problem: 'min-norm',
  },
  { configuration: { aggregator: 'cagrad', c: 0.4 }, orderless: true, problem: 'cagrad' },
  {
    configuration: { aggregator: 'cagrad', rescale: 'square' },
    orderless: true,
    problem: 'cagrad',
  },
  {
    configuration: { aggregator: 'cagrad', c: 1.5, rescale: 'linear' },
    orderless: true,
    harmless: true,
    problem: 'cagrad',
  },
  {
    configuration: { aggregator: 'nash-mtl' },
    orderless: true,
    harmless: true,
    power: -1,
    problem: 'fixed-point',
  },
  {
    configuration: { aggregator: 'nash-mtl', normalize: 'l2', maxNorm: 1 },
    orderless: true,
    harmless: true,
    problem: 'fixed-point',
  },
  ...[0.1, 0.5, 2, 20].map((alpha) => ({
    configuration: { aggregator: 'fairgrad', alpha },
    orderless: true as const,
    harmless: true as const,
    power: (-2 * alpha) / (1 + alpha),
    problem: 'fixed-point' as const,
  })),
  { configuration: { aggregator: 'pcgrad' } },
  { configuration: { aggregator: 'pcgrad', order: 'index' } },
  { configuration: { aggregator: 'gradvac' } },
  ...['dualproj', 'upgrad'].map((aggregator) => ({
    configuration: { aggregator },
    orderless: true as const,
    harmless: true as const,
    problem: 'dual-cone' as const,
  })),
  { configuration: { aggregator: 'imtl-g' }, orderless: true },
  ...(['min', 'median', 'mean'] as const).map((scale) => ({
    configuration: { aggregator: 'aligned-mtl', scale },
    orderless: true as const,
  })),
  { configuration: { aggregator: 'config' }, orderless: true },
  { configuration: { aggregator: 'krum' }, onSimplex: true, rowsMin: 4 },
  {
    configuration: { aggregator: 'krum', nByzantine: 2, nSelected: 3 },
    onSimplex: true,
    rowsMin: 5,
  },
  { configuration: { aggregator: 'sdmgrad', iterations: 3 }, onSimplex: true, power: null },
  { configuration: { aggregator: 'modo' }, onSimplex: true, power: null },
  { configuration: { aggregator: 'cr-mogm' }, orderless: true, onSimplex: true },
  {
    configuration: { aggregator: 'psmgd', of: { name: 'upgrad' }, normalize: 'none' },
    orderless: true,
    harmless: true,
    problem: 'dual-cone',
  },
];
