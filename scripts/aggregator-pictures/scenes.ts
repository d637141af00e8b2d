/** Gradients in the plane that show what methods differ in, and what a method makes of them. */
import {
  aggregatorByName,
  aggregatorSchema,
  createAggregatorState,
  directionInto,
  gramOfRows,
  resolveGroup,
} from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';

export type Vector = readonly [x: number, y: number];

export interface Scene {
  readonly title: string;
  readonly rows: readonly Vector[];
}

export const scenes: readonly Scene[] = [
  {
    title: 'two that agree a little',
    rows: [
      [1, 0.35],
      [0.25, 0.8],
    ],
  },
  {
    title: 'two in conflict, one longer',
    rows: [
      [1, 0.25],
      [-0.45, 0.5],
    ],
  },
  {
    title: 'three, the first against the third',
    rows: [
      [1, 0.05],
      [0.35, 0.8],
      [-0.5, 0.5],
    ],
  },
  {
    title: 'three, one short',
    rows: [
      [0.95, 0.4],
      [-0.6, 0.75],
      [0.1, 0.32],
    ],
  },
];

/** Options that a picture is drawn with, where the defaults would hide what a method does. */
const OPTIONS: Readonly<Record<string, object>> = {
  // On raw rows, whose weights are those that the cap is of.
  'mgda-capped': { cap: 0.6, normalize: 'none' },
  fedmgda: { epsilon: 0.15 },
  fairgrad: { alpha: 3 },
  gradvac: { order: 'index' },
  pcgrad: { order: 'index' },
  sdmgrad: { iterations: 3, learningRate: 0.5 },
  modo: { gamma: 0.5 },
  krum: { nByzantine: 0 },
  graddrop: { leak: 0.2 },
  'cr-mogm': { momentum: 0.5 },
};

export interface Drawn {
  /** Null for a method that needs the rows themselves. */
  readonly weights: readonly number[] | null;
  readonly direction: Vector;
  /** Languages that a step along −d would harm. */
  readonly harmed: readonly number[];
}

const SEED = 7;

/**
 * What a run makes of them, which goes on with fewer rows than a method is defined for. Methods
 * that remember are shown after a step on the same rows in another order.
 */
export function drawn(aggregator: string, rows: readonly Vector[]): Drawn {
  const config = aggregatorSchema.parse({ name: aggregator, ...OPTIONS[aggregator] });
  const m = rows.length;
  const step = (gradients: readonly Float32Array[], state: Float64Array) =>
    resolveGroup(
      {
        grams: [gramOfRows(gradients)],
        mask: new Uint8Array(m).fill(1),
        losses: new Float64Array(m).fill(Number.NaN),
        random: createStream('resolve', SEED),
        state,
      },
      config,
    );
  const gradients = rows.map((row) => Float32Array.from(row));
  const before = step(gradients.toReversed(), createAggregatorState(config, m));
  const { weights } = step(gradients, before.state);
  const direction = new Float32Array(2);
  const random = () => createStream('rows', SEED);
  directionInto(direction, { rows: gradients, weights, random }, config);
  const isMadeOfRows = aggregatorByName(aggregator).fromRows !== undefined;
  const [x, y] = direction as unknown as Vector;
  const inner = rows.map((row) => row[0] * x + row[1] * y);
  return {
    weights: isMadeOfRows ? null : [...weights],
    direction: [x, y],
    harmed: inner.flatMap((value, i) => (value < -1e-6 ? [i] : [])),
  };
}

/** The options as a config would say them; empty for the defaults. */
export const optionsText = (aggregator: string) =>
  Object.entries(OPTIONS[aggregator] ?? {})
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
