/** Every method of the catalogue on nodes: any number of them ends in the oracle's bits. */
import test from 'ava';
import { aggregators } from '../../node/resolve/index.ts';
import { runOracle } from '../../sim/index.ts';
import { clusterOf, oracleRun, type TinyRun } from './helpers.ts';

const ROUGH = { delayMsMax: 300, duplicate: 0.2, loss: 0 };

/** A step in which a language has no token: methods that remember keep what they know of it. */
const EMPTY = new Set(['1.0.0', '2.1.0', '2.1.1']);

for (const { name } of aggregators) {
  for (const nodes of [1, 3]) {
    test(`${nodes} nodes end in the oracle's bits: ${name}`, async (t) => {
      for (const groups of ['bucket', 'model'] as const) {
        const run: TinyRun = {
          seed: 11,
          steps: 4,
          units: [1, 2, 2],
          aggregator: name,
          groups,
          codec: 'f32',
          clipNorm: null,
          empty: EMPTY,
        };
        const { steps } = await runOracle(oracleRun(run));
        const cluster = clusterOf(run, nodes, ROUGH);
        t.true(cluster.runToEnd(), cluster.failures.join('; '));
        t.deepEqual(cluster.failures, []);
        const roots = steps.map(({ root }) => root);
        for (const node of cluster.nodes) t.deepEqual(node.roots, roots, `${groups}, ${node.id}`);
      }
    });
  }
}

test('methods differ from mean in what a run becomes', async (t) => {
  const ends = new Map<string, string>();
  for (const { name } of aggregators) {
    const run: TinyRun = {
      seed: 11,
      steps: 3,
      units: [1, 2, 2],
      aggregator: name,
      groups: 'bucket',
      codec: 'f32',
      clipNorm: null,
    };
    const { steps } = await runOracle(oracleRun(run));
    ends.set(name, steps.at(-1)!.root);
  }
  // Without a preference constant is the mean.
  t.is(ends.get('constant'), ends.get('mean'));
  ends.delete('constant');
  t.is(new Set(ends.values()).size, ends.size);
});
