/** What callers of everything beside `resolve` get wrong, by the exact words that they are told. */
import test from 'ava';
import * as face from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';

/** As it comes from code without types. */
const loose = face as unknown as Record<string, (...given: unknown[]) => unknown>;

const f32 = (...values: number[]) => Float32Array.from(values);
const f64 = (...values: number[]) => Float64Array.from(values);
const TWO = f64(18, -22, -22, 38);
const THREE = f64(1, 0, 0, 0, 1, 0, 0, 0, 1);
const [a, b] = [f32(1, 2), f32(3, 4)];
const MATRIX = 'expected m·m numbers, row by row, with m from 1 to 256';
const COUNT = 'expected the number of rows, 1 to 256';
const KIND = 'expected a Float32Array, bf16 in a Uint16Array, or null where there is none';
const MEND = 'expected finite values. Mend it, or give null for the row.';
const mgda = face.aggregatorSchema.parse({ name: 'mgda' });
const drawn = face.aggregatorSchema.parse({ name: 'graddrop' });
const random = () => createStream('bad numbers');

type Case = readonly [call: string, given: readonly unknown[], message: string];

const ofMatrices: readonly Case[] = [
  ['minNorm', [TWO], `m is missing, ${COUNT}`],
  ['minNorm', [TWO, 0], `m is 0, ${COUNT}`],
  ['minNorm', [TWO, 257], `m is 257, ${COUNT}`],
  ['minNorm', [TWO, 1.5], `m is 1.5, ${COUNT}`],
  ['minNorm', [TWO, 3], 'gram has 4 numbers, expected 9: m·m for 3 rows'],
  ['minNorm', [null, 2], `gram is null, ${MATRIX}`],
  ['minNorm', [f64(1, 2, 3), 2], `gram has 3 numbers, ${MATRIX}`],
  [
    'minNorm',
    [f64(1, Number.NaN, 0, 1), 2],
    'gram[1] (row 0, column 1) is NaN, expected a finite number',
  ],
  [
    'minNorm',
    [f64(1, 0, 0, -1), 2],
    'gram[3] (row 1, column 1) is -1, and no squared norm is below 0',
  ],
  [
    'minNorm',
    [f64(1, 0, 0.5, 1), 2],
    'gram is not symmetric: gram[1] (row 0, column 1) is 0 and gram[2] (row 1, column 0) is 0.5',
  ],
  ['gapOf', [TWO, 0, []], `m is 0, ${COUNT}`],
  [
    'gapOf',
    [[1, 0, 0, Infinity], 2, [1, 0]],
    'gram[3] (row 1, column 1) is Infinity, expected a finite number',
  ],
  ['gapOf', [TWO, 2, null], 'weights is null, expected a list of numbers, one a row'],
  ['gapOf', [TWO, 2, [1]], 'weights has length 1, expected 2: one a row'],
  ['gapOf', [TWO, 2, [1, Number.NaN]], 'weights[1] is NaN, expected a finite number'],
  ['gapOf', [TWO, 2, [1, '0']], 'weights[1] is "0", expected a number'],
  ['gapOf', [TWO, 2, [1.5, -0.5]], 'weights[1] is -0.5, expected 0 or more'],
  ['gapOf', [TWO, 2, [1, 1]], "the weights' sum is 2, expected 1. Divide them by it."],
  ['addGrams', [undefined], 'grams are missing, expected a list of Gram matrices'],
  ['addGrams', [TWO], 'grams are a map, expected a list of Gram matrices'],
  ['addGrams', [[]], 'grams are an empty list, expected one at least'],
  ['addGrams', [[f64()]], `grams[0] has 0 numbers, ${MATRIX}`],
  ['addGrams', [[TWO, undefined]], `grams[1] is missing, ${MATRIX}`],
  ['addGrams', [[TWO, THREE]], 'grams[1] has 9 numbers, expected 4: m·m for 2 rows'],
  [
    'addGrams',
    [[TWO, f64(1, 0, 0, Number.NaN)]],
    'grams[1][3] (row 1, column 1) is NaN, expected a finite number',
  ],
  ['restrict', [TWO, 2, 0], 'languages are 0, expected a list of numbers'],
  ['restrict', [TWO, 2, [2]], 'languages[0] is 2, expected a language of 0 to 1, each once'],
  ['restrict', [TWO, 2, [0, 0]], 'languages[1] is 0, expected a language of 0 to 1, each once'],
  ['restrict', [TWO, 3, [0]], 'gram has 4 numbers, expected 9: m·m for 3 rows'],
  ['expand', [f64(1), [0.5], 2], 'languages[0] is 0.5, expected a language of 0 to 1, each once'],
  ['expand', [f64(1), [0, 1], 2], 'values has length 1, expected 2: one a language'],
  ['expand', [f64(1), [0], 0], `m is 0, ${COUNT}`],
];

const ofMasks: readonly Case[] = [
  ['presentLanguages', [null], 'mask is null, expected a list of numbers, one a row'],
  ['presentLanguages', [[]], `mask.length is 0, ${COUNT}`],
  ['presentLanguages', [[1, 2]], 'mask[1] is 2, expected 0 or 1'],
  ['anyMask', [[[1, 0]], 0], `m is 0, ${COUNT}`],
  ['anyMask', [[1, 0], 2], 'masks[0] is 1, expected a list of numbers, one a row'],
  ['anyMask', [[[1, 0], [1]], 2], 'masks[1] has length 1, expected 2: one a row'],
  ['anyMask', [null, 2], 'masks are null, expected a list of masks'],
  ['conflicts', [TWO, []], `mask.length is 0, ${COUNT}`],
  ['conflicts', [TWO, [1, 1, 1]], 'gram has 4 numbers, expected 9: m·m for 3 rows'],
  [
    'conflicts',
    [f64(1, 0, 0, Number.NaN), [1, 1]],
    'gram[3] (row 1, column 1) is NaN, expected a finite number',
  ],
  ['refinedGroups', [null], 'masks are null, expected a list of masks'],
  ['refinedGroups', [[[1, 1], [1]]], 'masks[1] has length 1, expected 2: one a language'],
  ['refinedGroups', [[[1, 0.5]]], 'masks[0][1] is 0.5, expected 0 or 1'],
  ['residualsOf', [{}], 'groups are a map, expected a list of groups'],
  ['residualsOf', [[null]], 'groups[0] is null, expected { gram, mask }'],
  ['residualsOf', [[{ gram: TWO, mask: [1, 3] }]], 'groups[0].mask[1] is 3, expected 0 or 1'],
  [
    'residualsOf',
    [
      [
        { gram: TWO, mask: [1, 1] },
        { gram: THREE, mask: [1, 1, 1] },
      ],
    ],
    'groups[1].mask has length 3, expected 2: one a row, as groups[0] has',
  ],
  [
    'residualsOf',
    [
      [
        { gram: TWO, mask: [1, 1] },
        { gram: [1, 0, 0, -2], mask: [1, 1] },
      ],
    ],
    'groups[1].gram[3] (row 1, column 1) is -2, and no squared norm is below 0',
  ],
  [
    'groupsAfterStall',
    ['merge', [{ gram: TWO, mask: [1, 1] }]],
    'groups[0].buckets are missing, expected a list of numbers',
  ],
  ['groupsAfterStall', ['merge', [{ mask: [1, 1] }]], `groups[0].gram is missing, ${MATRIX}`],
];

const out = () => f32(0, 0);
const ofRows: readonly Case[] = [
  ['gramOfRows', [undefined], 'rows are missing, expected a list of Float32Array'],
  ['gramOfRows', [[]], 'there are 0 rows, expected 1 to 256'],
  ['gramOfRows', [[a, [1, 2]]], `row 1 is a list, ${KIND}`],
  ['gramOfRows', [[a, { sum: a }]], `row 1 is a map, ${KIND}`],
  ['gramOfRows', [[a, f32(1)]], 'row 1 has 1 values, expected 2, as row 0 has'],
  ['gramOfRows', [[a, f32(1, Number.NaN)]], `row 1 has NaN at 1, ${MEND}`],
  ['gramOfRows', [[{ sum: f32(0, 1), divisor: 0 }]], `row 0 has NaN at 0, ${MEND}`],
  ['combine', [[], [], f32()], 'there are 0 rows, expected 1 to 256'],
  ['combine', [[a, b], [1], out()], 'weights has length 1, expected 2: one a row'],
  ['combine', [[a, b], [1, Number.NaN], out()], 'weights[1] is NaN, expected a finite number'],
  [
    'combine',
    [
      [a, b],
      [1, 1],
      [0, 0],
    ],
    'out is a list, expected a Float32Array of 2 values',
  ],
  ['combine', [[a, b], [1, 1], f32(0)], 'row 0 has 2 values, expected 1'],
  ['combine', [[a, f32(1)], [1, 1], out()], 'row 1 has 1 values, expected 2'],
  ['combine', [[a, f32(1, Infinity)], [1, 1], out()], `row 1 has Infinity at 1, ${MEND}`],
  [
    'combine',
    [[a], [1e39], out()],
    'the direction has Infinity at 0, beyond the range of float32. Give shorter rows.',
  ],
  [
    'directionInto',
    [out(), { rows: [a], weights: [], random }, mgda],
    'weights has length 0, expected 1: one a row',
  ],
  [
    'directionInto',
    [[], { rows: [a], weights: [1], random }, mgda],
    'out is an empty list, expected a Float32Array of 2 values',
  ],
  [
    'directionInto',
    [out(), { rows: [f32(1)], weights: [], random }, drawn],
    'row 0 has 1 values, expected 2',
  ],
  [
    'directionInto',
    [out(), { rows: [a], weights: [] }, drawn],
    'random is missing, expected a function that gives a stream',
  ],
  ['createAggregatorState', [mgda, 0], `m is 0, ${COUNT}`],
];

for (const [call, given, message] of [...ofMatrices, ...ofMasks, ...ofRows]) {
  test(`${call}: ${message}`, (t) => {
    t.throws(() => loose[call]!(...given), { name: 'GramError', message });
  });
}

test('what is no config, and a policy that there is not, are told as that', (t) => {
  const expected = 'expected what aggregatorSchema.parse gives';
  const refuses = (call: () => unknown, message: string | RegExp) =>
    t.throws(call, { name: 'AggregatorError', message });
  for (const config of [null, {}]) {
    const what = config === null ? 'null' : 'a map';
    refuses(() => loose.createAggregatorState!(config, 2), `config is ${what}, ${expected}`);
  }
  const input = { rows: [a], weights: [1], random };
  refuses(() => loose.directionInto!(out(), input, undefined), `config is missing, ${expected}`);
  refuses(() => loose.groupsAfterStall!('merged', []), /Did you mean "merge"\?$/);
  refuses(
    () => loose.ownAggregator!(null),
    'an own aggregator is null, expected an object with a name and weigh',
  );
});

test('sums of pieces say what does not fit, and add nothing of it', (t) => {
  t.throws(() => new face.GramSums([]), { message: `mask.length is 0, ${COUNT}` });
  t.throws(() => new face.GramSums([1, 2]), { message: 'mask[1] is 2, expected 0 or 1' });
  const sums = new face.GramSums([1, 0]);
  const give = 'Give null for what is masked, and nothing else.';
  const wrong: readonly (readonly [pieces: unknown, message: string])[] = [
    [[null, null], `row 0 has no piece, and the mask has it. ${give}`],
    [[a, a], `row 1 has a piece, and is masked. ${give}`],
    [[a], 'there are 1 pieces, expected 2: one a row'],
    [[[1, 2], null], `row 0 is a list, ${KIND}`],
    [undefined, 'rows are missing, expected a list of Float32Array'],
  ];
  for (const [pieces, message] of wrong) {
    t.throws(() => sums.add(pieces as Float32Array[]), { name: 'GramError', message });
  }
  sums.add([a, null]);
  t.deepEqual(sums.finish(), f64(5, 0, 0, 0));
  t.throws(() => sums.add([a, null]), {
    name: 'GramError',
    message: 'pieces came after finish; begin another GramSums',
  });
});

test('sums of a row that is not finite are none', (t) => {
  const sums = new face.GramSums([1, 1]);
  sums.add([a, b]);
  sums.add([a, f32(Number.NaN, 1)]);
  t.throws(() => sums.finish(), {
    name: 'GramError',
    message: 'row 1 has a value that is not finite. Mend it, or mask the row.',
  });
});

test('halves that differ by rounding are brought together, and what is given stays', (t) => {
  const gram = f64(1, 0.5, 0.5 + 2 ** -40, 1);
  const given = gram.slice();
  t.deepEqual(face.addGrams([gram, gram]), f64(2, 1 + 2 ** -40, 1 + 2 ** -40, 2));
  t.deepEqual([...face.minNorm([4, 0, 0, 4], 2).weights], [0.5, 0.5]);
  t.deepEqual(gram, given);
});
