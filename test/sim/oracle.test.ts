/** The oracle started at a step that a checkpoint keeps: the same roots from there on. */
import test from 'ava';
import { oracleStart, oracleSteps, runOracle } from '../../sim/index.ts';
import { clusterOf, oracleRun, type TinyRun } from './helpers.ts';

const CALM = { delayMsMax: 5, duplicate: 0, loss: 0 };
const STEPS = 4;

const RUNS: readonly TinyRun[] = [
  {
    seed: 21,
    steps: STEPS,
    units: [1, 3],
    aggregator: 'mgda',
    groups: 'bucket',
    codec: 'f32',
    clipNorm: null,
  },
  {
    seed: 22,
    steps: STEPS,
    units: [2, 1],
    aggregator: 'stateful',
    groups: 'model',
    codec: 'bf16',
    clipNorm: 0.2,
  },
];

/** What the disks of two nodes hold of a step between them, in the order of the buckets. */
function keptAt(run: TinyRun, step: number) {
  const cluster = clusterOf(run, 2, CALM, { checkpointEverySteps: 1, redundancy: 1 });
  cluster.runUntil(() => cluster.nodes.every(({ disk }) => disk.has(step)));
  const parts = cluster.nodes.map(({ disk }) => disk.get(step)!);
  const buckets = new Map(parts.flatMap((part) => [...part.buckets]));
  const { previousRoot, root } = parts[0]!;
  const kept = [...buckets]
    .sort(([a], [b]) => a - b)
    .map(([bucket, arrays]) => ({ bucket, arrays }));
  return { step, root, previousRoot, kept };
}

for (const run of RUNS) {
  test(`the oracle goes on from any checkpoint: ${run.aggregator}, ${run.codec}`, async (t) => {
    const { steps } = await runOracle(oracleRun(run));
    for (let step = 1; step < STEPS; step++) {
      const { kept, root, previousRoot } = keptAt(run, step);
      const found = oracleStart(oracleRun(run), { step, previousRoot }, kept);
      if (!('start' in found)) throw new Error(`bucket ${found.wrong}`);
      const before = JSON.stringify(found.start.masters[0]);
      const again: { step: number; root: string }[] = [];
      for await (const one of oracleSteps(oracleRun(run), found.start)) {
        again.push({ step: one.step, root: one.root });
      }
      t.is(again[0]?.root, root);
      t.deepEqual(
        again,
        steps.slice(step).map((one) => ({ step: one.step, root: one.root })),
      );
      t.is(JSON.stringify(found.start.masters[0]), before, 'what it starts with stays as it is');
    }
  });
}

test('a changed value shows in the root of the start, and a missing one is named', (t) => {
  const [run] = RUNS as [TinyRun];
  const { step, previousRoot, kept } = keptAt(run, 2);
  const arrays = { ...kept[1]!.arrays };
  delete (arrays as Record<string, unknown>)['mu'];
  const broken = kept.with(1, { bucket: 1, arrays });
  t.deepEqual(oracleStart(oracleRun(run), { step, previousRoot }, broken), { wrong: 1 });
});
