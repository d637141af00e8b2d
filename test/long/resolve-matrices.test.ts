/**
 * 2,000 plain and 500 nasty matrices for every method, and what each of them must keep; prints the
 * worst of each. A tenth of them is in test/resolve.
 */
import test from 'ava';
import { promises } from '../resolve/configurations.ts';
import { holdsOn } from '../resolve/holds.ts';
import { nastyMatrix, nastyRows, plainMatrix, plainRows } from '../resolve/matrices.ts';
import { holdsOnRows, rowPromises } from '../resolve/rows-hold.ts';

for (const promise of promises) {
  const { aggregator, ...options } = promise.configuration;
  test.serial(`${aggregator} ${JSON.stringify(options)}: 2,500 matrices, no violation`, (t) => {
    const worst = holdsOn(promise, [
      ...Array.from({ length: 2000 }, (_, seed) => plainMatrix(seed)),
      ...Array.from({ length: 500 }, (_, seed) => nastyMatrix(seed)),
    ]);
    t.deepEqual(worst.violations, []);
    t.log(worst.line);
  });
}

for (const promise of rowPromises) {
  const { aggregator, ...options } = promise.configuration;
  test.serial(`${aggregator} ${JSON.stringify(options)}: rows of the same, no violation`, (t) => {
    const worst = holdsOnRows(promise, [
      ...Array.from({ length: 2000 }, (_, seed) => plainRows(seed)),
      ...Array.from({ length: 500 }, (_, seed) => nastyRows(seed)),
    ]);
    t.deepEqual(worst.violations, []);
    t.log(worst.line);
  });
}
