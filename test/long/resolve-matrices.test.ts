/**
 * 2,000 plain and 500 nasty matrices for every method, and what each of them must keep; prints the
 * worst of each. A tenth of them is in test/resolve.
 */
import test from 'ava';
import { promises } from '../resolve/configurations.ts';
import { holdsOn } from '../resolve/holds.ts';
import { nastyMatrix, plainMatrix } from '../resolve/matrices.ts';

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
