/** Four linear models that share their weights along a chain, each with features of its own. */
import { refinedGroups } from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';
import { COLOURS, figure } from './chart.ts';
import { descend, oneBlock, type Problem, valuesAt } from './descent.ts';
import type { Table } from './houses.ts';
import type { Section } from './section.ts';

/** Features of each model. */
const MODELS = [
  [0, 1],
  [0, 1, 2, 3, 4],
  [2, 3, 4, 5, 6, 7],
  [5, 6, 7],
];
const FEATURES = 8;
const MGDA = { rate: 0.1, steps: 500 };
const REFINE = { rate: 0.01, steps: 5 };

/** f_i: mean squared error of model i; the weight of a feature is that of all models. */
export function chainOfModels({ rows }: Table): Problem {
  /** Mean products of all columns, the target the last: what a squared error is made of. */
  const moments = new Float64Array((FEATURES + 1) ** 2);
  for (const row of rows) {
    for (let a = 0; a <= FEATURES; a++) {
      for (let b = 0; b <= FEATURES; b++) {
        moments[a * (FEATURES + 1) + b]! += (row[a]! * row[b]!) / rows.length;
      }
    }
  }
  const moment = (a: number, b: number) => moments[a * (FEATURES + 1) + b]!;
  /** Mean product of feature j with the model's error. */
  const slope = (i: number, w: Float64Array, j: number) =>
    MODELS[i]!.reduce((sum, k) => sum + w[k]! * moment(j, k), -moment(j, FEATURES));
  return {
    objectives: MODELS.length,
    masks: Array.from({ length: FEATURES }, (_, j) =>
      Uint8Array.from(MODELS, (features) => (features.includes(j) ? 1 : 0)),
    ),
    value: (i, w) =>
      MODELS[i]!.reduce(
        (sum, j) => sum + w[j]! * (slope(i, w, j) - moment(j, FEATURES)),
        moment(FEATURES, FEATURES),
      ),
    gradient(i, w) {
      const gradient = new Float64Array(FEATURES);
      for (const j of MODELS[i]!) gradient[j] = 2 * slope(i, w, j);
      return gradient;
    },
  };
}

export function modelsSection(table: Table, seeds: number): Section {
  const problem = chainOfModels(table);
  const blocks = refinedGroups(problem.masks);
  const trials = Array.from({ length: seeds }, (_, seed) => {
    const random = createStream('rps-models', seed);
    const start = Float64Array.from({ length: FEATURES }, () => 2 * random.nextFloat() - 1);
    const whole = descend(problem, start, { ...MGDA, blocks: oneBlock(problem) });
    return {
      whole: valuesAt(problem, whole),
      refined: valuesAt(problem, descend(problem, whole, { ...REFINE, blocks })),
      byBlock: valuesAt(problem, descend(problem, start, { ...MGDA, blocks })),
    };
  });
  const mean = (which: 'whole' | 'refined' | 'byBlock', i: number) =>
    trials.reduce((sum, trial) => sum + trial[which][i]!, 0) / seeds;
  const lower = (i: number) =>
    trials.filter(({ whole, refined }) => refined[i]! < whole[i]!).length;
  const rows = MODELS.map((_, i) => {
    const means = (['whole', 'refined', 'byBlock'] as const).map((which) =>
      mean(which, i).toFixed(4),
    );
    return `| f${i + 1} | ${means.join(' | ')} | ${lower(i)} of ${seeds} |`;
  });
  const at = (which: 'whole' | 'byBlock') =>
    trials.flatMap((trial) => trial[which].map((error, i) => [i + 1, error] as const));
  const top = Math.max(...at('whole').map(([, error]) => error), 1);
  const panel = (title: string, which: 'whole' | 'byBlock', colour: string) => ({
    title,
    x: { label: 'model', from: 0.5, to: 4.5, ticks: [1, 2, 3, 4] },
    y: { label: 'mean squared error', from: 0, to: 1.1 * top, ticks: ticksTo(top) },
    marks: [{ kind: 'points', at: at(which), colour } as const],
  });
  return {
    name: 'models',
    svg: figure('Errors of the four models after descent, all seeds', [
      panel('MGDA', 'whole', COLOURS.whole),
      panel('MGDA, block by block', 'byBlock', COLOURS.blocks),
    ]),
    values: {
      ...{ seeds, about: about(table), rows: rows.join('\n') },
      blocks: blocks.map((block) => `{${block.map((j) => j + 1).join(', ')}}`).join(', '),
    },
  };
}

function about({ real, rows }: Table): string {
  if (real) return `California housing: ${rows.length} districts, eight features standardised.`;
  return [
    'The paper has this on California housing, which scikit-learn fetches from the network and no',
    `package that we found ships. Here are ${rows.length} drawn rows whose features are entangled,`,
    'which say nothing about houses; `npm run reproduce:rps -- --housing FILE` takes real ones.',
  ].join('\n');
}

function ticksTo(top: number): number[] {
  const step = [0.1, 0.2, 0.5, 1, 2, 5].find((size) => top / size <= 6) ?? 10;
  return Array.from({ length: Math.floor((1.1 * top) / step) + 1 }, (_, k) =>
    Number((k * step).toFixed(1)),
  );
}
