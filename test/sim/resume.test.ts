/** Stopped at any step and gone on from what the disks hold: the bits of the run without a stop. */
import test from 'ava';
import { type Cluster, type ClusterCheckpoint, runOracle } from '../../sim/index.ts';
import { clusterOf, oracleRun, type TinyRun } from './helpers.ts';

const ROUGH = { delayMsMax: 300, duplicate: 0.2, loss: 0.05 };
const SLOW = { ...ROUGH, loss: 0 };
const STEPS = 4;

const RUNS: readonly TinyRun[] = [
  {
    seed: 11,
    steps: STEPS,
    units: [1, 3, 5],
    aggregator: 'mgda',
    groups: 'bucket',
    codec: 'f32',
    clipNorm: null,
  },
  {
    seed: 12,
    steps: STEPS,
    units: [2, 1],
    aggregator: 'stateful',
    groups: 'model',
    codec: 'bf16',
    clipNorm: 0.2,
  },
];

/** Runs until one node's user asks for the end at `step`; gives where the disks stand. */
function stopAt(run: TinyRun, nodes: number, step: number, redundancy = 2): Cluster {
  const cluster = clusterOf(run, nodes, ROUGH, { redundancy });
  cluster.runUntil(() => cluster.node('node-0').roots.length > step);
  cluster.stop('node-0');
  cluster.runToEnd();
  return cluster;
}

/** The newest checkpoint on a node's disk. */
function newest({ disk }: Cluster['nodes'][number]): ClusterCheckpoint {
  return disk.get(Math.max(...disk.keys()))!;
}

/** What all disks hold together, as if a launcher had assembled it. */
function assembled(cluster: Cluster): ClusterCheckpoint {
  const parts = cluster.nodes.map(newest);
  const buckets = new Map(parts.flatMap((part) => [...part.buckets]));
  return { ...parts[0]!, buckets };
}

async function rootsOf(run: TinyRun): Promise<string[]> {
  const { steps } = await runOracle(oracleRun(run));
  return steps.map(({ root }) => root);
}

for (const run of RUNS) {
  const name = `${run.aggregator}, ${run.groups}, ${run.codec}`;

  test(`a stop at any step, and on with any number of nodes: ${name}`, async (t) => {
    const roots = await rootsOf(run);
    for (let step = 0; step < STEPS; step++) {
      const checkpoint = assembled(stopAt(run, 3, step));
      t.true(checkpoint.step >= step && checkpoint.root === roots[checkpoint.step]);
      for (const nodes of [1, 2, 5]) {
        const on = clusterOf(run, nodes, ROUGH, { resume: () => checkpoint });
        t.true(on.runToEnd(), on.failures.join());
        for (const node of on.nodes) {
          t.deepEqual(node.roots.slice(checkpoint.step), roots.slice(checkpoint.step));
        }
      }
    }
  });

  test(`a stop at any step, and on with each node's own part alone: ${name}`, async (t) => {
    const roots = await rootsOf(run);
    for (let step = 1; step < STEPS; step++) {
      const before = stopAt(run, 3, step);
      const { step: from } = newest(before.node('node-0'));
      const resume = (id: string) => newest(before.node(id));
      const on = clusterOf(run, 3, ROUGH, { resume });
      t.true(on.runToEnd(), on.failures.join());
      for (const node of on.nodes) t.deepEqual(node.roots.slice(from), roots.slice(from));
    }
  });
}

/** Two runs, stopped at about the same step, with each bucket on so many disks. */
function forks(run: TinyRun, nodes: number, redundancy: number): [Cluster, Cluster] {
  const other = { ...run, seed: run.seed + 1 };
  return [stopAt(run, nodes, 2, redundancy), stopAt(other, nodes, 2, redundancy)];
}

test('parts of two runs are no step: the work is done again, and the bits are right', async (t) => {
  const [run] = RUNS as [TinyRun];
  const roots = await rootsOf(run);
  for (const [weather, nodes] of [ROUGH, SLOW].flatMap((w) => [2, 3].map((n) => [w, n] as const))) {
    const [first, other] = forks(run, nodes, 1);
    const resume = (id: string) => newest((id === 'node-0' ? first : other).node(id));
    const on = clusterOf(run, nodes, weather, { resume, redundancy: 1 });
    t.true(on.runToEnd(), on.failures.join());
    for (const { id, roots: own } of on.nodes) {
      t.is(own.length, roots.length, id);
      for (const [step, root] of roots.entries()) {
        // Who is late may go on from its own disk, which has a part of a later step of this run.
        const isSkipped = own[step] === undefined && id === 'node-0' && weather === ROUGH;
        if (isSkipped)
          t.is(
            own.findIndex((_, at) => at > step),
            resume(id).step,
          );
        else t.is(own[step], root, `${id}, step ${step}`);
      }
    }
    t.true(roots.every((_, step) => on.nodes.some((node) => node.roots[step] !== undefined)));
  }
});

test('parts of two steps are no step either', async (t) => {
  for (const run of RUNS) {
    const roots = await rootsOf(run);
    const [early, late] = [stopAt(run, 2, 1, 1), stopAt(run, 2, 2, 1)];
    const resume = (id: string) => newest((id === 'node-0' ? early : late).node(id));
    t.not(resume('node-0').step, resume('node-1').step);
    const on = clusterOf(run, 2, ROUGH, { resume, redundancy: 1 });
    t.true(on.runToEnd(), on.failures.join());
    for (const node of on.nodes) t.deepEqual(node.roots, roots);
  }
});

test('two nodes that have all of two runs stop and say so, and mix nothing', (t) => {
  const [run] = RUNS as [TinyRun];
  const [first, other] = forks(run, 2, 2);
  const [ours, theirs] = [newest(first.node('node-0')), newest(other.node('node-1'))];
  const resume = (id: string) => (id === 'node-0' ? ours : theirs);
  const on = clusterOf(run, 2, ROUGH, { resume });
  t.false(on.runToEnd());
  t.true(on.failures.length > 0 && on.failures.every((text) => /Divergence/.test(text)));
  for (const { roots, finishedAt } of on.nodes) {
    t.is(finishedAt, null);
    t.true([undefined, ours.root, theirs.root].includes(roots[ours.step]));
  }
});

test('a disk of another run gives way to two that agree, whole', (t) => {
  const [run] = RUNS as [TinyRun];
  const [first, other] = forks(run, 3, 2);
  const resume = (id: string) => newest((id === 'node-0' ? first : other).node(id));
  const { step, root } = resume('node-1');
  const on = clusterOf(run, 3, ROUGH, { resume });
  t.true(on.runToEnd(), on.failures.join());
  for (const node of on.nodes) {
    t.is(node.roots[step], root);
    t.is(node.roots[STEPS], on.nodes[0]!.roots[STEPS]!);
  }
});
