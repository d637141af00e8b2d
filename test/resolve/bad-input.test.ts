/** What callers of `resolve` and `resolveRows` get wrong, by the exact words that they are told. */
import test from 'ava';
import {
  aggregators,
  type ResolveOptions,
  resolve,
  resolveRows,
} from '../../node/resolve/index.ts';

const TWO = [18, -22, -22, 38];
const EXPECTED = 'expected m·m numbers, row by row, with m from 1 to 256';
const A_METHOD = "expected the name of a method, such as 'mgda', or an aggregator of your own";
const NAMES = aggregators.map(({ name }) => name);
const f32 = (...values: number[]) => Float32Array.from(values);
const weigh = () => [0.5, 0.5];

/** Calls as they come from code without types. */
const call = (gram: unknown, options: unknown) =>
  resolve(gram as number[], options as { aggregator: string });
const callRows = (rows: unknown, options: object) =>
  resolveRows(rows as Float32Array[], { aggregator: 'mgda', ...options });

const grams: readonly (readonly [gram: unknown, message: string])[] = [
  [null, `gram is null, ${EXPECTED}`],
  [undefined, `gram is missing, ${EXPECTED}`],
  ['1', `gram is "1", ${EXPECTED}`],
  [[], `gram has 0 numbers, ${EXPECTED}`],
  [[1, 2, 3], `gram has 3 numbers, ${EXPECTED}`],
  [new Float64Array(257 ** 2), `gram has 66049 numbers, ${EXPECTED}`],
  [[TWO.slice(0, 2), TWO.slice(2)], `gram is a list of lists, ${EXPECTED}, in one: gram.flat()`],
  [['7'], 'gram[0] (row 0, column 0) is "7", expected a finite number'],
  [[1, 0, Number.NaN, 1], 'gram[2] (row 1, column 0) is NaN, expected a finite number'],
  [[1, Infinity, 0, 1], 'gram[1] (row 0, column 1) is Infinity, expected a finite number'],
  [[1, 0, 0, -1], 'gram[3] (row 1, column 1) is -1, and no squared norm is below 0'],
  [
    [1, 0, 0.5, 1],
    'gram is not symmetric: gram[1] (row 0, column 1) is 0 and gram[2] (row 1, column 0) is 0.5',
  ],
  [
    [1, 3, 3, 4],
    'gram[1] (row 0, column 1) is 3, and the norms of these two rows, by the diagonal, have the ' +
      'product 2, which no inner product exceeds. Compute all of gram from the same rows, in ' +
      'float32 or float64.',
  ],
];

for (const [gram, message] of grams) {
  test(`gram: ${message}`, (t) => {
    t.throws(() => call(gram, { aggregator: 'mgda' }), { name: 'GramError', message });
  });
}

const wrong: readonly (readonly [options: unknown, name: string, message: string])[] = [
  [
    undefined,
    'AggregatorError',
    "options are missing, expected a map such as { aggregator: 'mgda' }",
  ],
  [
    'mgda',
    'AggregatorError',
    'options are "mgda", expected a map such as { aggregator: \'mgda\' }',
  ],
  [{}, 'AggregatorError', `aggregator is missing, ${A_METHOD}`],
  [{ aggregator: 5 }, 'AggregatorError', `aggregator is 5, ${A_METHOD}`],
  [{ aggregator: weigh }, 'AggregatorError', `aggregator is a function, ${A_METHOD}`],
  [
    { aggregator: 'mgad' },
    'AggregatorError',
    `there is no aggregator "mgad"; use one of ${NAMES.join(', ')}. Did you mean "mgda"?`,
  ],
  [
    { name: 'mean' },
    'AggregatorError',
    'mgda: key "name" is unused, aggregator has it. Remove it.',
  ],
  [
    { c: 0.4 },
    'AggregatorError',
    'mgda: unknown key "c". Known: normalize, mask, seed, losses, state.',
  ],
  [{ maks: [1, 1] }, 'AggregatorError', 'mgda: unknown key "maks". Did you mean "mask"?'],
  [
    { normalize: 'l1' },
    'AggregatorError',
    'mgda: normalize is "l1", expected none or l2 or loss or loss+. Did you mean "l2"?',
  ],
  [
    { aggregator: 'fairgrad', alpha: 0.01 },
    'AggregatorError',
    'fairgrad: alpha is 0.01, expected 0, or 0.02 or more.',
  ],
  [{ aggregator: 'cagrad', c: -1 }, 'AggregatorError', 'cagrad: c is -1, expected at least 0.'],
  [
    { aggregator: 'cr-mogm', of: { name: 'cagrad', cc: 1 } },
    'AggregatorError',
    'cr-mogm: unknown key "cc" in of. Did you mean "c"?',
  ],
  [
    { aggregator: 'psmgd', of: { name: 'mgda-capped', flor: 1 } },
    'AggregatorError',
    'psmgd: unknown key "flor" in of. Known: cap, name.',
  ],
  [{ seed: 'x' }, 'AggregatorError', 'seed is "x", expected a whole number ≥ 0'],
  [{ seed: Number.NaN }, 'AggregatorError', 'seed is NaN, expected a whole number ≥ 0'],
  [{ seed: 0.5 }, 'AggregatorError', 'seed is 0.5, expected a whole number ≥ 0'],
  [{ seed: -1 }, 'AggregatorError', 'seed is -1, expected a whole number ≥ 0'],
  [{ mask: '11' }, 'GramError', 'mask is "11", expected a list of numbers, one a row'],
  [{ mask: [1] }, 'GramError', 'mask has length 1, expected 2: one a row'],
  [{ mask: [1, 2] }, 'GramError', 'mask[1] is 2, expected 0 or 1'],
  [{ mask: [1, true] }, 'GramError', 'mask[1] is true, expected a number'],
  [{ losses: [1] }, 'GramError', 'losses has length 1, expected 2: one a row'],
  [
    { normalize: 'loss', losses: [1, 0] },
    'GramError',
    'losses[1] is 0, and normalize loss divides rows by them: all 1e-30 to 1e30',
  ],
  [
    { normalize: 'loss+' },
    'GramError',
    'losses are missing, and normalize loss+ divides rows by them: all 1e-30 to 1e30',
  ],
  [{ preference: [1, 1] }, 'AggregatorError', 'mgda: preference is unused. Remove it.'],
  [
    { aggregator: 'psmgd', of: 'krum', preference: [1, 1] },
    'AggregatorError',
    'psmgd: preference is unused by krum. Remove it.',
  ],
  [
    { aggregator: 'upgrad', preference: [1, -1] },
    'GramError',
    'preference[1] is -1, expected 0, or 1e-30 to 1e+30',
  ],
  ...[1e31, 1e308, 1e-31, Number.NaN].map(
    (value) =>
      [
        { aggregator: 'upgrad', preference: [1, value] },
        'GramError',
        `preference[1] is ${value}, expected 0, or 1e-30 to 1e+30`,
      ] as const,
  ),
  [
    { aggregator: 'upgrad', preference: [0, 0] },
    'GramError',
    'preference is 0 for all rows, expected more for one at least',
  ],
  [{ cross: TWO }, 'AggregatorError', 'mgda: cross is unused. Remove it.'],
  [
    { aggregator: 'modo', cross: [1] },
    'GramError',
    'cross has length 1, expected 4: one a pair of rows',
  ],
  [
    { aggregator: 'modo', cross: [1, 2, Number.NaN, 4] },
    'GramError',
    'cross[2] (row 1, column 0) is NaN, expected a finite number',
  ],
  [{ state: [1] }, 'GramError', 'state has length 1, expected 0: as mgda returned it'],
  [
    { aggregator: 'gradvac', state: [0, 0, Number.NaN, 0] },
    'GramError',
    'state[2] is NaN, expected a finite number',
  ],
  [
    { aggregator: 'krum' },
    'AggregatorError',
    'krum with nByzantine 1, nSelected 1 needs 4 rows, and 2 are present. Give more, or change ' +
      'these options.',
  ],
  [
    { aggregator: 'psmgd', of: { name: 'krum', nByzantine: 0, nSelected: 9 }, mask: [0, 1] },
    'AggregatorError',
    'psmgd with of (krum with nByzantine 0, nSelected 9), every 4 needs 9 rows, and 1 is ' +
      'present. Give more, or change these options.',
  ],
];

for (const [options, name, message] of wrong) {
  test(`${JSON.stringify(options)}: ${message.slice(0, 60)}`, (t) => {
    const isMap = typeof options === 'object' && Object.keys(options!).length > 0;
    const whole = isMap ? { aggregator: 'mgda', ...options } : options;
    t.throws(() => call(TWO, whole), { name, message });
  });
}

test('an option that is undefined is left out, whichever it is', (t) => {
  const plain = resolve(TWO, { aggregator: 'mgda' });
  const { normalize, cap } = {} as Record<string, undefined>;
  t.deepEqual(call(TWO, { aggregator: 'mgda', normalize, cap }), plain);
});

test('one of ours may be given as it is', (t) => {
  const mgda = aggregators.find(({ name }) => name === 'mgda')!;
  t.deepEqual(resolve(TWO, { aggregator: mgda }), resolve(TWO, { aggregator: 'mgda' }));
});

const [a, b] = [f32(1, 2), f32(3, 4)];
const LIST = 'expected a list of Float32Array';
const KIND = 'expected a Float32Array, bf16 in a Uint16Array, or null where there is none';
const MEND = 'expected finite values. Mend it, or give null for the row.';
const rows: readonly (readonly [rows: unknown, message: string])[] = [
  [undefined, `rows are missing, ${LIST}`],
  [f32(1, 2), `rows are a map, ${LIST}`],
  [[], 'there are 0 rows, expected 1 to 256'],
  [Array.from({ length: 257 }, () => a), 'there are 257 rows, expected 1 to 256'],
  [[[1, 2], b], `row 0 is a list, ${KIND}`],
  [[a, undefined], `row 1 is missing, ${KIND}`],
  [Object.assign([a, b], { 3: b }), `row 2 is missing, ${KIND}`],
  [[a, new Float64Array(2)], `row 1 is a Float64Array, ${KIND}`],
  [[null, a, f32(1)], 'row 2 has 1 values, expected 2, as row 1 has'],
  [[a, b, f32(1, Number.NaN)], `row 2 has NaN at 1, ${MEND}`],
  [[a, b, Uint16Array.of(0x3f80, 0xff80)], `row 2 has -Infinity at 1, ${MEND}`],
  [[f32(-Infinity, 1), a, b], `row 0 has -Infinity at 0, ${MEND}`],
];

for (const aggregator of ['mgda', 'mean', 'trimmed-mean', 'graddrop']) {
  for (const [given, message] of rows) {
    test(`${aggregator} of rows: ${message}`, (t) => {
      t.throws(() => callRows(given, { aggregator }), { name: 'GramError', message });
    });
  }
}

test('methods made of the rows refuse what they do not look at, and too few rows', (t) => {
  const refuses = (options: object, message: string) => {
    t.throws(() => callRows([a, b], { aggregator: 'trimmed-mean', ...options }), {
      name: 'AggregatorError',
      message,
    });
  };
  refuses({ losses: [1, 1] }, 'trimmed-mean: losses is unused. Remove it.');
  refuses({ state: new Float64Array(0) }, 'trimmed-mean: state is unused. Remove it.');
  refuses({ preference: [1, 1] }, 'trimmed-mean: preference is unused. Remove it.');
  refuses({ tirm: 0 }, 'trimmed-mean: unknown key "tirm". Did you mean "trim"?');
  refuses(
    {},
    'trimmed-mean with trim 1 needs 3 rows, and 2 are present. Give more, or change these options.',
  );
});

test('what JSON has no word for is named by its kind', (t) => {
  const refuses = (gram: unknown, options: unknown, message: string) =>
    t.throws(() => resolve(gram as number[], options as ResolveOptions), {
      message: new RegExp(`^${message}, expected `),
    });
  refuses([1n], { aggregator: 'mean' }, 'gram\\[0\\] \\(row 0, column 0\\) is a bigint');
  refuses([1], { aggregator: Symbol('mean') }, 'aggregator is a symbol');
  refuses([1], { aggregator: 'cagrad', c: () => 1 }, 'cagrad: c is a function');
  refuses([1], { aggregator: 'mean', mask: [1n] }, 'mask\\[0\\] is a bigint');
});
