/** What an aggregator of one's own may get wrong, by the exact words that are told. */
import test from 'ava';
import { type OwnAggregator, resolve } from '../../node/resolve/index.ts';
import { statefulAggregator } from '../helpers/stateful-aggregator.ts';

const TWO = [18, -22, -22, 38];
const weigh = () => [0.5, 0.5];
const own = (parts: object) => ({ name: 'mine', weigh, ...parts }) as unknown as OwnAggregator;
const whole = (parts: object) => own({ ...statefulAggregator, name: 'mine', ...parts });
const NO_LIST = 'expected a list of finite numbers, one a row';
const solution = { problem: 'none', gap: Number.NaN, iterations: 0, converged: true };
const giving = (parts: object) =>
  whole({
    weigh: () => ({ weights: f64(1, 0), state: f64(1, 0, 0), solution, ...parts }),
  });
const f64 = (...values: number[]) => Float64Array.from(values);

const owns: readonly (readonly [aggregator: OwnAggregator, message: string])[] = [
  [own({ weigh: () => undefined }), `mine gives undefined, ${NO_LIST}`],
  [own({ weigh: () => 0.5 }), `mine gives 0.5, ${NO_LIST}`],
  [own({ weigh: () => [1] }), 'mine gives 1 weights for 2 rows'],
  [own({ weigh: () => [1, Number.NaN] }), `mine gives row 1 weight NaN, ${NO_LIST}`],
  [own({ weigh: () => [1, '1'] }), `mine gives row 1 weight "1", ${NO_LIST}`],
  [own({ name: 'mgda' }), 'an own aggregator is named "mgda", as one of ours is; rename it'],
  [own({ option: {} }), 'mine: unknown key "option" in its definition. Did you mean "options"?'],
  [
    own({ stateLengths: () => 1 }),
    'mine: unknown key "stateLengths" in its definition. Did you mean "stateLength"?',
  ],
  [
    own({ colour: 'red' }),
    'mine: unknown key "colour" in its definition. Known: name, doc, options, normalize, weigh.',
  ],
  [own({ doc: 5 }), 'mine: doc is 5, expected a text'],
  ...(
    [
      [null, 'null'],
      [['a'], 'a list'],
      ['ab', '"ab"'],
    ] as const
  ).map(
    ([options, what]) =>
      [own({ options }), `mine: options is ${what}, expected a map such as { floor: 0 }`] as const,
  ),
  ...[Number.NaN, null, undefined].map(
    (floor) =>
      [
        own({ options: { floor } }),
        `mine: option floor is ${floor} by default, expected a finite number, a text, or true or ` +
          'false',
      ] as const,
  ),
  [
    own({ options: { floor: [1] } }),
    'mine: option floor is a list by default, expected a finite number, a text, or true or false',
  ],
  [own({ options: { seed: 1 } }), "mine: an option can't be called seed"],
  [
    whole({ usePreference: true }),
    'mine: unknown key "usePreference" in its definition. Did you mean "usesPreference"?',
  ],
  [
    whole({ weigh: () => undefined }),
    'mine gives no { weights, state, solution } with weights and state in Float64Array',
  ],
  [giving({ weights: f64(1) }), 'mine gives 1 weights for 2 languages'],
  [giving({ weights: f64(1, Infinity) }), 'mine gives language 1 weight Infinity'],
  [own({ normalize: 'l2', weigh: () => [1e308, 1e308] }), 'mine gives language 0 weight Infinity'],
  [
    own({ weigh: () => [1e308, 1e308] }),
    'mine gives weights with ‖d‖² = NaN and (Σ |wᵢ|·‖gᵢ‖)² = Infinity',
  ],
  [
    own({
      weigh: () => {
        throw new TypeError('no such row');
      },
    }),
    'mine throws TypeError: no such row',
  ],
  [giving({ state: f64() }), 'mine gives a state of 0 numbers, and stateLength is 3'],
];

for (const [aggregator, message] of owns) {
  test(`an own aggregator: ${message}`, (t) => {
    t.throws(() => resolve(TWO, { aggregator }), { name: 'AggregatorError', message });
  });
}

test('an own aggregator that weighs what is masked is told so', (t) => {
  t.throws(() => resolve(TWO, { aggregator: giving({ weights: f64(0.5, 0.5) }), mask: [1, 0] }), {
    name: 'AggregatorError',
    message: 'mine gives language 1, which is masked, 0.5',
  });
});

test('what an own aggregator remembers is told where it is no number of numbers', (t) => {
  const expected = 'expected a whole number of 0 to 131072';
  const refuses = (stateLength: () => unknown, message: string) =>
    t.throws(() => resolve(TWO, { aggregator: whole({ stateLength }) }), {
      name: 'AggregatorError',
      message,
    });
  refuses(() => undefined, `mine: stateLength is missing, ${expected}`);
  for (const length of [-1, 0.5, Number.NaN, 2 ** 40]) {
    refuses(() => length, `mine: stateLength is ${length}, ${expected}`);
  }
  refuses(() => {
    throw new RangeError('no such m');
  }, 'mine throws RangeError: no such m');
});
