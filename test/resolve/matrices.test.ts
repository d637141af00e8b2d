/** A tenth of the matrices of test/long/resolve-matrices.test.ts, for every method. */
import test from 'ava';
import { promises } from './configurations.ts';
import { holdsOn } from './holds.ts';
import { nastyMatrix, nastyRows, plainMatrix, plainRows } from './matrices.ts';
import { holdsOnRows, rowPromises } from './rows-hold.ts';

/** Seeds that are not multiples of the numbers of kinds and sizes, so that all of them come. */
const every = (count: number, stride: number) =>
  Array.from({ length: count }, (_, i) => i * stride);

for (const promise of promises) {
  const { aggregator, ...options } = promise.configuration;
  test(`${aggregator} ${JSON.stringify(options)}: plain and nasty matrices, no violation`, (t) => {
    const { violations, line } = holdsOn(promise, [
      ...every(96, 19).map(plainMatrix),
      ...every(60, 9).map(nastyMatrix),
    ]);
    t.deepEqual(violations, []);
    t.true(line.length > 0);
  });
}

for (const promise of rowPromises) {
  const { aggregator, ...options } = promise.configuration;
  test(`${aggregator} ${JSON.stringify(options)}: rows of the same, no violation`, (t) => {
    const { violations, line } = holdsOnRows(promise, [
      ...every(96, 19).map(plainRows),
      ...every(60, 9).map(nastyRows),
    ]);
    t.deepEqual(violations, []);
    t.true(line.length > 0);
  });
}

/** Where d gets shorter all the while and the promise does not: the search once ended too early. */
const LONG_SEARCHES = [114, 128, 268, 548, 1668];

for (const promise of promises) {
  const { aggregator, normalize } = promise.configuration;
  if (normalize !== 'none' || !['mgda-capped', 'fedmgda'].includes(aggregator)) continue;
  test(`${JSON.stringify(promise.configuration)}: long searches come to their end`, (t) => {
    t.deepEqual(holdsOn(promise, LONG_SEARCHES.map(nastyMatrix)).violations, []);
  });
}
