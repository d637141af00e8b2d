/** Every method of the catalogue with options that change what it does, and what it promises. */

import type { Problem } from '../../node/resolve/index.ts';

export interface Configuration {
  readonly aggregator: string;
  readonly normalize?: 'none' | 'l2';
  readonly [option: string]: unknown;
}

interface Promises {
  readonly configuration: Configuration;
  /** d does not depend on the order of the rows. */
  readonly orderless?: true;
  /** G·w ≥ 0: d harms nobody. */
  readonly harmless?: true;
  /** Weights are ≥ 0 and sum to 1. */
  readonly onSimplex?: true;
  /** How weights change where all rows are s times as long: by s to this power; 0 left out. */
  readonly power?: number;
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
  { configuration: { aggregator: 'imtl-g' }, orderless: true },
  ...(['min', 'median', 'mean'] as const).map((scale) => ({
    configuration: { aggregator: 'aligned-mtl', scale },
    orderless: true as const,
  })),
  { configuration: { aggregator: 'config' }, orderless: true },
  { configuration: { aggregator: 'krum' }, onSimplex: true },
  { configuration: { aggregator: 'krum', nByzantine: 2, nSelected: 3 }, onSimplex: true },
];
