/**
 * Nodes that die, come back with an old disk or none, and leave: whatever happens to them, the bits
 * of the run in which nothing did.
 */
import test, { type ExecutionContext } from 'ava';
import { createStream, type RandomStream } from '../../protocol/random.ts';
import { type Cluster, runOracle, type Weather } from '../../sim/index.ts';
import { clusterOf, oracleRun, type TinyRun } from './helpers.ts';

const SEEDS = 60;
const CALM = { delayMsMax: 5, duplicate: 0, loss: 0 };
/** A step takes a sixth of a second. */
const BREEZE = { delayMsMax: 50, duplicate: 0, loss: 0 };

const PLAIN: TinyRun = {
  seed: 1,
  steps: 12,
  units: [2, 3, 4],
  aggregator: 'stateful',
  groups: 'model',
  codec: 'f32',
  clipNorm: 0.2,
};

/** Every root that any node has ever stood at is the oracle's, and nobody was cut off or failed. */
async function agrees(t: ExecutionContext, run: TinyRun, cluster: Cluster, label: string) {
  const { steps } = await runOracle(oracleRun(run));
  t.deepEqual(cluster.failures, [], label);
  t.deepEqual(cluster.disconnects, [], label);
  for (const { id, roots } of cluster.nodes) {
    for (const [step, root] of roots.entries()) {
      if (root !== undefined) t.is(root, steps[step]!.root, `${label}, ${id}, step ${step}`);
    }
  }
}

/** Whether somebody is there, and everybody who is has come to the end. */
function isOver({ nodes }: Cluster): boolean {
  const up = nodes.filter(({ isUp }) => isUp);
  return up.length > 0 && up.every(({ finishedAt }) => finishedAt !== null);
}

/** Runs to the end of those who are there, which must be that of the run. */
function ends(t: ExecutionContext, { steps }: TinyRun, cluster: Cluster, label: string): void {
  t.true(
    cluster.runUntil(() => isOver(cluster)),
    `${label} came to an end; ${cluster.failures.join('; ')}`,
  );
  for (const { id, isUp, finishedAt } of cluster.nodes) {
    if (isUp) t.is(finishedAt, steps, `${label}, ${id}`);
  }
}

/** Runs until a node stands at a step. */
function reaches(t: ExecutionContext, cluster: Cluster, id: string, step: number): void {
  const { actor } = cluster.node(id);
  t.true(cluster.runUntil(() => actor.step >= step && actor.isComplete));
}

const rewindsOf = ({ nodes }: Cluster) =>
  nodes.filter(({ isUp }) => isUp).map(({ actor }) => actor.status.rewinds);

test('one node dies in the middle of a step, and no work is lost', async (t) => {
  for (const victim of ['node-0', 'node-1', 'node-2']) {
    for (const atMs of [0, 7, 19, 40]) {
      const label = `${victim} dies ${atMs} ms into step 4`;
      const cluster = clusterOf(PLAIN, 3, CALM);
      reaches(t, cluster, victim, 4);
      const dueMs = cluster.nowMs + atMs;
      cluster.runUntil(() => cluster.nowMs >= dueMs);
      cluster.crash(victim);
      ends(t, PLAIN, cluster, label);
      t.deepEqual(rewindsOf(cluster), [0, 0], label);
      await agrees(t, PLAIN, cluster, label);
    }
  }
});

test('one after another dies until one is left, which goes on alone', async (t) => {
  const cluster = clusterOf({ ...PLAIN, steps: 30 }, 4, CALM, { redundancy: 4 });
  for (const [i, victim] of ['node-0', 'node-3', 'node-1'].entries()) {
    reaches(t, cluster, 'node-2', 4 * (i + 1));
    cluster.crash(victim);
  }
  ends(t, { ...PLAIN, steps: 30 }, cluster, 'one survivor');
  t.deepEqual(rewindsOf(cluster), [0]);
  await agrees(t, { ...PLAIN, steps: 30 }, cluster, 'one survivor');
});

test('what only one node held is lost with it, and the work is done again', async (t) => {
  const cluster = clusterOf(PLAIN, 3, CALM, { redundancy: 1 });
  reaches(t, cluster, 'node-1', 5);
  cluster.crash('node-1');
  ends(t, PLAIN, cluster, 'redundancy 1');
  t.true(rewindsOf(cluster).every((rewinds) => rewinds === 1));
  await agrees(t, PLAIN, cluster, 'redundancy 1');
});

test('what was lost before the first step is at hand in the base', async (t) => {
  for (const [redundancy, victims] of [
    [1, ['node-1']],
    [2, ['node-1', 'node-2']],
  ] as const) {
    for (const atMs of [1, 15, 60]) {
      const label = `${victims} of 4 die ${atMs} ms after the start, redundancy ${redundancy}`;
      const cluster = clusterOf(PLAIN, 4, CALM, { redundancy });
      cluster.runUntil(() => cluster.nodes.every(({ actor }) => actor.status.phase === 'working'));
      const dueMs = cluster.nowMs + atMs;
      cluster.runUntil(() => cluster.nowMs >= dueMs);
      for (const victim of victims) cluster.crash(victim);
      ends(t, PLAIN, cluster, label);
      await agrees(t, PLAIN, cluster, label);
    }
  }
});

test('all are gone at once, and all go on from their disks', async (t) => {
  for (const redundancy of [1, 2]) {
    const label = `redundancy ${redundancy}`;
    const cluster = clusterOf(PLAIN, 3, CALM, { redundancy, checkpointEverySteps: 3 });
    const ids = cluster.nodes.map(({ id }) => id);
    reaches(t, cluster, 'node-0', 8);
    for (const id of ids) cluster.crash(id);
    for (const { disk } of cluster.nodes) t.true(disk.has(6), label);
    for (const { roots } of cluster.nodes) roots.length = 0;
    for (const id of ids) cluster.restart(id);
    ends(t, PLAIN, cluster, label);
    for (const { id, roots } of cluster.nodes) t.is(roots[3], undefined, `${label}, ${id}`);
    await agrees(t, PLAIN, cluster, label);
  }
});

test('all but one die, then that one too, and all go on from what the disks hold', async (t) => {
  const run = { ...PLAIN, steps: 20 };
  const cluster = clusterOf(run, 4, CALM, { redundancy: 4, checkpointEverySteps: 2 });
  reaches(t, cluster, 'node-1', 5);
  for (const id of ['node-0', 'node-2', 'node-3']) cluster.crash(id);
  reaches(t, cluster, 'node-1', 11);
  cluster.crash('node-1');
  for (const { id, disk } of cluster.nodes) {
    t.is(Math.max(...disk.keys()), id === 'node-1' ? 10 : 4, id);
  }
  for (const { id } of cluster.nodes) cluster.restart(id);
  ends(t, run, cluster, 'restarted');
  await agrees(t, run, cluster, 'restarted');
});

for (const wiped of [false, true]) {
  const disk = wiped ? 'an empty disk' : 'an old disk';
  test(`a node comes back with ${disk}, and once it has its share another may die`, async (t) => {
    const run = { ...PLAIN, steps: 70 };
    const cluster = clusterOf(run, 3, BREEZE, { checkpointEverySteps: 2 });
    reaches(t, cluster, 'node-2', 5);
    cluster.crash('node-2');
    reaches(t, cluster, 'node-0', 12);
    cluster.restart('node-2', wiped);
    reaches(t, cluster, 'node-2', 50);
    const { held, filling, owners } = cluster.node('node-2').actor.status;
    t.true(held.length >= 3 && filling.length === 0, `it holds ${held}, and fills ${filling}`);
    t.true(owners.includes('node-2'), `owners: ${owners}`);
    cluster.crash('node-0');
    ends(t, run, cluster, disk);
    t.deepEqual(rewindsOf(cluster), [0, 0]);
    await agrees(t, run, cluster, disk);
  });
}

for (const redundancy of [1, 2]) {
  test(`a node leaves, and nothing is lost with it: redundancy ${redundancy}`, async (t) => {
    const run = { ...PLAIN, steps: 60 };
    const cluster = clusterOf(run, 3, BREEZE, { redundancy });
    reaches(t, cluster, 'node-1', 5);
    cluster.leave('node-1');
    t.true(cluster.runUntil(() => !cluster.node('node-1').isUp));
    t.true(cluster.node('node-0').actor.step < 50, 'it is gone in the middle of the run');
    ends(t, run, cluster, 'without it');
    t.deepEqual(rewindsOf(cluster), [0, 0]);
    await agrees(t, run, cluster, 'without it');
  });
}

/** A run, a cluster and a weather that a seed draws. */
function drawn(seed: number, draw: RandomStream) {
  const run: TinyRun = {
    seed,
    steps: 6 + draw.nextBelow(10),
    units: [1 + draw.nextBelow(5), 3, 1 + draw.nextBelow(5)],
    aggregator: ['mgda', 'mean', 'stateful'][draw.nextBelow(3)]!,
    groups: draw.nextBelow(2) ? 'model' : 'bucket',
    codec: draw.nextBelow(2) ? 'f32' : 'bf16',
    clipNorm: draw.nextBelow(2) ? null : 0.2,
  };
  const nodes = 2 + draw.nextBelow(5);
  const redundancy = 2 + draw.nextBelow(2);
  const delayMsMax = 5 + draw.nextBelow(100);
  const weather: Weather = { delayMsMax, duplicate: 0.05, loss: draw.nextBelow(2) * 0.02 };
  const disks = draw.nextBelow(2) ? { checkpointEverySteps: 1 + draw.nextBelow(4) } : {};
  return { run, cluster: clusterOf(run, nodes, weather, { redundancy, ...disks }) };
}

const FAULTS_MAX = 12;

/** Crashes nodes and starts them again as `draw` has it until the run is over; says what it did. */
function batter(cluster: Cluster, draw: RandomStream): { over: boolean; faults: string[] } {
  const isGentle = draw.nextBelow(3) === 0;
  const faults: string[] = [];
  const down: string[] = [];
  for (let dueMs = draw.nextBelow(3_000); ; ) {
    if (!cluster.runUntil(() => isOver(cluster) || cluster.nowMs >= dueMs)) {
      return { over: false, faults };
    }
    if (isOver(cluster)) return { over: true, faults };
    const atMs = Math.round(cluster.nowMs);
    const up = cluster.nodes.filter(({ isUp, finishedAt }) => isUp && finishedAt === null);
    const mayCrash = up.length > 1 && (!isGentle || down.length === 0);
    if (down.length > 0 && draw.nextBelow(2)) {
      const id = down.shift()!;
      const wiped = draw.nextBelow(3) === 0;
      faults.push(`${atMs} ms: restart ${id}${wiped ? ' wiped' : ''}`);
      cluster.restart(id, wiped);
    } else if (mayCrash && faults.length < FAULTS_MAX) {
      const { id } = up[draw.nextBelow(up.length)]!;
      down.push(id);
      faults.push(`${atMs} ms: crash ${id}`);
      cluster.crash(id);
    }
    dueMs = cluster.nowMs + (isGentle ? 4_000 + draw.nextBelow(6_000) : draw.nextBelow(6_000));
  }
}

test(`${SEEDS} drawn schedules of crashes and restarts end in the oracle's bits`, async (t) => {
  let crashes = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    const draw = createStream('recovery', seed);
    const { run, cluster } = drawn(seed, draw);
    const { over, faults } = batter(cluster, draw);
    const shape = `${cluster.nodes.length} nodes, ${JSON.stringify(run)}`;
    const label = `seed ${seed}: ${shape}; ${faults.join(', ')}`;
    crashes += faults.filter((fault) => / crash /.test(fault)).length;
    t.true(over, `${label} came to an end; ${cluster.failures.join('; ')}`);
    ends(t, run, cluster, label);
    await agrees(t, run, cluster, label);
  }
  t.true(crashes > SEEDS, `${crashes} crashes`);
});
