/** The promise: any number of nodes, any order of messages, the bits of the oracle. */
import test, { type ExecutionContext } from 'ava';
import { runOracle } from '../../sim/index.ts';
import { clusterOf, oracleRun, type TinyRun } from './helpers.ts';

const CALM = { delayMsMax: 5, duplicate: 0, loss: 0 };
const ROUGH = { delayMsMax: 300, duplicate: 0.2, loss: 0 };
const STORM = { delayMsMax: 300, duplicate: 0.1, loss: 0.1 };

const PLAIN: TinyRun = {
  seed: 1,
  steps: 5,
  units: [1, 3, 5],
  aggregator: 'mgda',
  groups: 'bucket',
  codec: 'f32',
  clipNorm: null,
};

/**
 * Every root of every node, and every loss, against the oracle's. Where messages are lost a node
 * may gather a step instead of following to it; nobody goes back.
 */
async function agrees(t: ExecutionContext, run: TinyRun, nodes: number, weather = ROUGH) {
  const label = `${JSON.stringify(run)} on ${nodes} nodes`;
  const { steps } = await runOracle(oracleRun(run));
  const cluster = clusterOf(run, nodes, weather);
  t.true(cluster.runToEnd(), `${label} came to an end; ${cluster.failures.join('; ')}`);
  t.deepEqual(cluster.failures, [], label);
  t.deepEqual(cluster.disconnects, [], label);
  for (const { id, actor, roots, losses, finishedAt } of cluster.nodes) {
    t.is(finishedAt, run.steps, `${label}, ${id}`);
    t.is(actor.status.rewinds, 0, `${label}, ${id}`);
    t.deepEqual(
      steps.map(({ root }, step) => (weather.loss > 0 ? (roots[step] ?? root) : roots[step])),
      steps.map(({ root }) => root),
      `${label}, ${id}`,
    );
    t.is(roots.length, steps.length, `${label}, ${id}`);
    for (const [step, logged] of losses) {
      const means = logged.map(({ tokens, lossSum }) =>
        tokens === 0 ? Number.NaN : lossSum / tokens,
      );
      t.deepEqual(means, [...steps[step]!.losses], `${label}, ${id}, losses of step ${step}`);
    }
  }
}

for (const nodes of [1, 2, 3, 4, 7]) {
  for (const aggregator of ['mean', 'mgda', 'stateful'] as const) {
    test(`${nodes} nodes end in the oracle's bits: ${aggregator}, every option`, async (t) => {
      for (const groups of ['bucket', 'model'] as const) {
        for (const codec of ['f32', 'bf16'] as const) {
          for (const clipNorm of [null, 0.1]) {
            await agrees(t, { ...PLAIN, aggregator, groups, codec, clipNorm }, nodes);
          }
        }
      }
    });
  }
}

test('units that are not finite or have no token count as the values that they are', async (t) => {
  const broken = new Set(['1.1.2', '2.0.0']);
  const empty = new Set(['0.2.4', '1.0.0', '3.1.0', '3.1.1', '3.1.2']);
  for (const groups of ['bucket', 'model'] as const) {
    for (const nodes of [1, 2, 4, 7]) {
      await agrees(t, { ...PLAIN, seed: 2, broken, empty, groups, clipNorm: 0.5 }, nodes);
    }
  }
});

test('a step in which no language has a row keeps parameters and state', async (t) => {
  const all = PLAIN.units.flatMap((n, l) => Array.from({ length: n }, (_, u) => `2.${l}.${u}`));
  for (const groups of ['bucket', 'model'] as const) {
    await agrees(t, { ...PLAIN, empty: new Set(all), groups, aggregator: 'stateful' }, 3);
  }
});

test('values that are lost are wanted and answered, and the bits stay the same', async (t) => {
  for (let seed = 0; seed < 10; seed++) {
    const groups = seed % 2 === 0 ? 'bucket' : 'model';
    await agrees(
      t,
      { ...PLAIN, seed, groups, clipNorm: seed % 3 === 0 ? 0.2 : null },
      2 + (seed % 4),
      STORM,
    );
  }
});

test('twenty random runs in random orders end in the same bits', async (t) => {
  for (let seed = 100; seed < 120; seed++) {
    const units = [1 + (seed % 5), 1 + (seed % 3), 2];
    await agrees(
      t,
      { ...PLAIN, seed, units, groups: seed % 2 ? 'model' : 'bucket' },
      1 + (seed % 7),
    );
  }
});

test('nodes that add their units in another order do not end in the oracle’s bits', async (t) => {
  const { steps } = await runOracle(oracleRun(PLAIN));
  const cluster = clusterOf(PLAIN, 3, CALM, {
    gradient: (inner) => (parameters, step, language, unit) =>
      inner(parameters, step, language, PLAIN.units[language]! - 1 - unit),
  });
  t.true(cluster.runToEnd());
  t.not(cluster.nodes[0]!.roots.at(-1), steps.at(-1)!.root);
});

test('one node runs a step ahead while the updates to another are late', (t) => {
  let late = true;
  const held = (_from: string, to: string, kind: string, step: number) =>
    late && to === 'node-1' && kind === 'update' && step === 2;
  const cluster = clusterOf({ ...PLAIN, units: [2, 2, 2] }, 2, CALM, { held, redundancy: 1 });
  t.true(cluster.runUntil(() => cluster.node('node-0').actor.step === 3));
  t.is(cluster.node('node-0').actor.step, 3);
  t.is(cluster.node('node-1').actor.step, 2);
  late = false;
  cluster.release();
  t.true(cluster.runToEnd());
  t.deepEqual(cluster.node('node-0').roots, cluster.node('node-1').roots);
});

test('stopped by one node, all end at one step with the roots of the whole run', async (t) => {
  const { steps } = await runOracle(oracleRun({ ...PLAIN, steps: 8 }));
  const run = { ...PLAIN, steps: 8 };
  for (const nodes of [1, 2, 5]) {
    const cluster = clusterOf(run, nodes, ROUGH);
    t.true(cluster.runUntil(() => cluster.nodes[0]!.actor.step === 3));
    cluster.stop('node-0');
    t.true(cluster.runToEnd());
    const ends = new Set(cluster.nodes.map(({ finishedAt }) => finishedAt));
    t.is(ends.size, 1);
    t.true([...ends][0]! < 8);
    for (const { roots } of cluster.nodes) {
      t.deepEqual(
        roots,
        steps.slice(0, roots.length).map(({ root }) => root),
      );
    }
  }
});

test('what nobody can need any more is let go of', (t) => {
  const cluster = clusterOf({ ...PLAIN, steps: 12 }, 3, CALM);
  t.true(cluster.runToEnd());
  const buckets = 20;
  for (const { bulk } of cluster.nodes)
    t.true(bulk.size < 4 * buckets, `${bulk.size} values are held`);
});
