/** Two dense buckets: there stationarity bucket by bucket is weaker than that of the whole. */
import { COLOURS, figure, type Panel, type Place } from './chart.ts';
import { type Blocks, descend, oneBlock, type Problem, residualsAt } from './descent.ts';
import type { Section } from './section.ts';

/** Minima of f₁ and f₂, whose gradients at 0 are (1, 3) and (−3, −1). */
const MINIMA = [
  [-1, -3],
  [3, 1],
] as const;

export const dense: Problem = {
  objectives: 2,
  masks: [Uint8Array.of(1, 1), Uint8Array.of(1, 1)],
  value(objective, [x, y]) {
    const [a, b] = MINIMA[objective]!;
    return ((x! - a) ** 2 + (y! - b) ** 2) / 2;
  },
  gradient(objective, [x, y]) {
    const [a, b] = MINIMA[objective]!;
    return Float64Array.of(x! - a, y! - b);
  },
};

const BUCKETS: Blocks = [[0], [1]];
const STARTS: readonly Place[] = [
  [-1.8, 1.8],
  [-1.8, -1],
  [0, 1.9],
  [2, 1.9],
  [0, 0],
  [-0.5, -0.3],
  [1.8, -3.6],
  [3.6, -2],
];

export function counterExampleSection(): Section {
  const origin = residualsAt(dense, new Float64Array(2), BUCKETS);
  return {
    name: 'counter-example',
    svg: figure('Descent from eight points, whole and bucket by bucket', [
      panel('One group: the whole', oneBlock(dense), COLOURS.whole),
      panel('A group a bucket', BUCKETS, COLOURS.blocks),
    ]),
    values: {
      residualBucket: origin.residualBucket,
      residualGlobal: origin.residualGlobal,
      stalled: origin.stalledByPartition ? 'yes' : 'no',
    },
  };
}

function panel(title: string, blocks: Blocks, colour: string): Panel {
  const paths = STARTS.map((start) => {
    const path: Place[] = [];
    descend(dense, Float64Array.from(start), {
      blocks,
      rate: 0.05,
      steps: 400,
      visit: ([x, y]) => path.push([x!, y!]),
    });
    return path;
  });
  return {
    title,
    x: { label: 'parameter of bucket 1', from: -2.2, to: 4, ticks: [-2, -1, 0, 1, 2, 3, 4] },
    y: { label: 'parameter of bucket 2', from: -4, to: 2.2, ticks: [-4, -3, -2, -1, 0, 1, 2] },
    marks: [
      ...(blocks.length > 1
        ? [{ kind: 'area', from: [-1, -3], to: [3, 1], colour: COLOURS.blocks } as const]
        : []),
      { kind: 'line', at: MINIMA, colour: COLOURS.ink, dashed: true },
      ...paths.map((at) => ({ kind: 'line', at, colour }) as const),
      { kind: 'points', at: paths.map((path) => path.at(-1)!), colour },
    ],
  };
}
