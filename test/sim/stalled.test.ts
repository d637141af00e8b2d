/**
 * Steps that are stalled by their partition, resolved as the run's policy says: the oracle's bits,
 * whatever happens to nodes and messages, and a run that moves where it would have stood still.
 */
import test from 'ava';
import { createStream } from '../../protocol/random.ts';
import { type ClusterGradient, drawTrial, runOracle, runTrial } from '../../sim/index.ts';
import { clusterOf, oracleRun, type TinyRun } from './helpers.ts';

const ROUGH = { delayMsMax: 300, duplicate: 0.2, loss: 0 };
const SWARM_SEEDS = 12;

/**
 * By language, then bucket: the counter-example of docs/rps.md in the first two, and two more that
 * are stationary together as well.
 */
const STALLING = [
  [1, 3, 1, 1],
  [-3, -1, -2, -2],
];

/** In even steps every bucket is stationary and the whole is not; in odd ones it is as it was. */
function stalling(inner: ClusterGradient): ClusterGradient {
  return (parameters, step, language, unit) => {
    const result = inner(parameters, step, language, unit);
    if (step % 2 === 1) return result;
    const slices = layout.buckets.map(({ index, length }) => {
      const values = new Float32Array(length);
      values[0] = STALLING[language]![index] ?? 0;
      return values;
    });
    // A row is the sum over a language's units, divided by its tokens: the same for both.
    return { ...result, tokens: 1, slices };
  };
}

const runOf = (changes: Partial<TinyRun>): TinyRun => ({
  seed: 5,
  steps: 6,
  units: [1, 1],
  aggregator: { name: 'mgda', normalize: 'none' },
  groups: 'bucket',
  codec: 'f32',
  clipNorm: null,
  ...changes,
});

/** The oracle's run on the same gradients. */
async function rootsOf(run: TinyRun): Promise<string[]> {
  const plain = oracleRun(run);
  const gradient: typeof plain.gradient = async (parameters, step, language, unit) => {
    const { slices, ...rest } = await plain.gradient(parameters, step, language, unit);
    const inner = () => ({ ...rest, slices: [...slices] });
    return stalling(inner)(parameters, step, language, unit);
  };
  const { steps } = await runOracle({ ...plain, gradient });
  return steps.map(({ root }) => root);
}

const { layout } = oracleRun(runOf({}));

const POLICIES = ['report', 'merge', 'global'] as const;

test('a stalled step is resolved as the policy says, on any number of nodes', async (t) => {
  for (const aggregator of [{ name: 'mgda', normalize: 'none' }, 'gradvac', 'stateful']) {
    const ends = new Set<string>();
    for (const whenStalled of POLICIES) {
      const run = runOf({ whenStalled, aggregator });
      const roots = await rootsOf(run);
      ends.add(roots.at(-1)!);
      for (const nodes of [1, 2, 3, 5]) {
        const cluster = clusterOf(run, nodes, ROUGH, { gradient: stalling });
        const label = `${JSON.stringify(aggregator)}, ${whenStalled}, ${nodes}`;
        t.true(cluster.runToEnd(), `${label}: ${cluster.failures.join('; ')}`);
        t.deepEqual(cluster.failures, [], label);
        t.deepEqual(cluster.disconnects, [], label);
        for (const node of cluster.nodes) t.deepEqual(node.roots, roots, label);
      }
    }
    t.is(ends.size, 3, 'and each policy makes another run');
  }
});

test('nodes that die in a stalled step cost no bit', async (t) => {
  for (const whenStalled of ['merge', 'global'] as const) {
    const run = runOf({ whenStalled, steps: 10, aggregator: 'stateful' });
    const roots = await rootsOf(run);
    for (let seed = 0; seed < 12; seed++) {
      const draw = createStream('stalled', whenStalled, seed);
      const cluster = clusterOf(
        run,
        4,
        { delayMsMax: 60, duplicate: 0.05, loss: 0.01 },
        {
          gradient: stalling,
          redundancy: 2,
          checkpointEverySteps: 2,
        },
      );
      for (const victim of [`node-${draw.nextBelow(4)}`, `node-${draw.nextBelow(4)}`]) {
        const dueMs = cluster.nowMs + draw.nextBelow(1500);
        cluster.runUntil(() => cluster.nowMs >= dueMs);
        if (!cluster.node(victim).isUp || cluster.node(victim).finishedAt !== null) continue;
        cluster.crash(victim);
        const backMs = cluster.nowMs + draw.nextBelow(1500);
        cluster.runUntil(() => cluster.nowMs >= backMs);
        cluster.restart(victim, draw.nextBelow(2) === 0);
      }
      const isOver = () => cluster.nodes.every(({ finishedAt }) => finishedAt !== null);
      const label = `${whenStalled}, seed ${seed}`;
      t.true(cluster.runUntil(isOver), `${label}: ${cluster.failures.join('; ')}`);
      t.deepEqual(cluster.failures, [], label);
      for (const node of cluster.nodes) {
        node.roots.forEach((root, step) => {
          if (root !== undefined) t.is(root, roots[step]!, `${label}, ${node.id}, step ${step}`);
        });
      }
    }
  }
});

test(`${SWARM_SEEDS} drawn schedules where all Gram matrices are exchanged`, async (t) => {
  for (let seed = 0; seed < SWARM_SEEDS; seed++) {
    const trial = drawTrial(seed);
    const whenStalled = seed % 2 === 0 ? 'merge' : 'global';
    const scenario = { ...trial.scenario, groups: 'bucket', whenStalled } as const;
    const { violation } = await runTrial({ ...trial, scenario });
    t.is(violation, null, `seed ${seed}: ${JSON.stringify(violation)}`);
  }
});
