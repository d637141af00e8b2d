/** Random sparse quadratics: f_i = Σ (w_j − i)² over the variables that i depends on. */
import { refinedGroups } from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';
import { median } from '../bench/example.ts';
import { COLOURS, figure, type Panel, type Place } from './chart.ts';
import { descend, oneBlock, type Problem, residualsAt, valuesAt } from './descent.ts';
import type { Section } from './section.ts';

export interface Shape {
  readonly objectives: number;
  readonly variables: number;
  readonly density: number;
}

const RATE = 0.01;
const STEPS = 1000;
/** Steps block by block from where MGDA ended. */
const REFINE_STEPS = 5;
/** An objective that falls by less did not fall. */
const FALL_MIN = 1e-6;

/** Objective i wants its variables to be i + 1. */
export function quadratics({ objectives, variables, density }: Shape, seed: number): Problem {
  const random = createStream('rps-quadratics', objectives, variables, seed);
  const masks = Array.from({ length: variables }, () =>
    Uint8Array.from({ length: objectives }, () => (random.nextFloat() < density ? 1 : 0)),
  );
  const own = Array.from({ length: objectives }, (_, i) =>
    masks.flatMap((mask, j) => (mask[i] === 1 ? [j] : [])),
  );
  return {
    objectives,
    masks,
    value: (i, w) => own[i]!.reduce((sum, j) => sum + (w[j]! - i - 1) ** 2, 0),
    gradient(i, w) {
      const gradient = new Float64Array(variables);
      for (const j of own[i]!) gradient[j] = 2 * (w[j]! - i - 1);
      return gradient;
    },
  };
}

interface Trial {
  readonly blocks: number;
  readonly whole: readonly number[];
  readonly byBlock: readonly number[];
  readonly refined: readonly number[];
  /** Σ_b min ‖d_b‖² over the refined partition, after each. */
  readonly residuals: { readonly whole: number; readonly byBlock: number };
}

function trialOf(shape: Shape, seed: number): Trial {
  const problem = quadratics(shape, seed);
  const blocks = refinedGroups(problem.masks);
  const random = createStream('rps-quadratics-start', seed);
  const start = Float64Array.from({ length: shape.variables }, () => random.nextFloat());
  const run = { rate: RATE, steps: STEPS };
  const whole = descend(problem, start, { ...run, blocks: oneBlock(problem) });
  const byBlock = descend(problem, start, { ...run, blocks });
  const refined = descend(problem, whole, { ...run, blocks, steps: REFINE_STEPS });
  return {
    blocks: blocks.length,
    whole: valuesAt(problem, whole),
    byBlock: valuesAt(problem, byBlock),
    refined: valuesAt(problem, refined),
    residuals: {
      whole: residualsAt(problem, whole, blocks).residualBucket,
      byBlock: residualsAt(problem, byBlock, blocks).residualBucket,
    },
  };
}

const SHAPES: readonly Shape[] = [
  { objectives: 20, variables: 100, density: 0.1 },
  { objectives: 5, variables: 5, density: 0.4 },
];

export function quadraticsSection(trials: number): Section {
  const all = SHAPES.map((shape) => ({
    shape,
    trials: Array.from({ length: trials }, (_, seed) => trialOf(shape, seed)),
  }));
  const rows = all.map(({ shape, trials: each }) => row(shape, each));
  return {
    name: 'quadratics',
    svg: figure('What block by block leaves of the objectives after MGDA', [
      panel('From the end of MGDA', all[0]!.trials, 'refined', `+ ${REFINE_STEPS} steps by block`),
      panel('From the same start', all[0]!.trials, 'byBlock', 'block by block'),
    ]),
    values: {
      ...{ trials, rate: RATE, steps: STEPS, refineSteps: REFINE_STEPS },
      rows: rows.join('\n'),
    },
  };
}

function row({ objectives, variables, density }: Shape, trials: readonly Trial[]): string {
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const changes = trials.flatMap(({ whole, refined }) => whole.map((f, i) => refined[i]! - f));
  const percent = (count: number) => `${((100 * count) / changes.length).toFixed(0)} %`;
  return (
    [
      `| ${objectives} × ${variables}, ${density}`,
      (total(trials.map(({ blocks }) => blocks)) / trials.length).toFixed(1),
      ...(['whole', 'refined', 'byBlock'] as const).map((which) =>
        median(trials.map((trial) => total(trial[which]))).toFixed(1),
      ),
      percent(changes.filter((change) => change < -FALL_MIN).length),
      percent(changes.filter((change) => change > FALL_MIN).length),
      ...(['whole', 'byBlock'] as const).map((which) =>
        median(trials.map(({ residuals }) => residuals[which])).toExponential(1),
      ),
    ].join(' | ') + ' |'
  );
}

/** Below this an objective is at its minimum, and a ratio to it says nothing. */
const SHOWN_MIN = 1;

function panel(
  title: string,
  trials: readonly Trial[],
  which: 'refined' | 'byBlock',
  label: string,
): Panel {
  const at = trials.flatMap((trial) =>
    trial.whole.flatMap((f, i): Place[] => (f < SHOWN_MIN ? [] : [[f, trial[which][i]! / f]])),
  );
  const right = Math.ceil(Math.max(...at.map(([f]) => f)) / 500) * 500;
  return {
    title,
    x: {
      label: 'objective after MGDA',
      from: 0,
      to: right,
      ticks: [0, 1, 2, 3, 4].map((k) => (k * right) / 4),
    },
    y: { label: `share of it left, ${label}`, from: 0, to: 1.2, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] },
    marks: [
      {
        kind: 'line',
        at: [
          [0, 1],
          [right, 1],
        ],
        colour: COLOURS.pale,
        dashed: true,
      },
      { kind: 'points', at, colour: COLOURS.blocks },
    ],
  };
}
