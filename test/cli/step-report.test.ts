/** What is told of a step whose buckets are stationary and whose whole is not, by policy. */
import test from 'ava';
import type { Job } from '../../node/cli/job/open-job.ts';
import { stepReport } from '../../node/cli/job/step-report.ts';
import { optimizerSchema } from '../../node/optim/index.ts';
import type { StallPolicy } from '../../node/resolve/index.ts';
import { layoutBuckets, packNumbers, packTriangle, type Resolution } from '../../protocol/index.ts';

const layout = layoutBuckets(
  ['a', 'b', 'c', 'd'].map((layer) => ({ name: layer, shape: [1], layer })),
  64,
);

function resolutionOf(...gram: number[]): Resolution {
  return {
    present: Uint8Array.of(1, 1),
    gram: packTriangle(Float64Array.from(gram), 2),
    weights: packNumbers(Float64Array.of(0.5, 0.5)),
    gapRelative: 0,
    converged: true,
    squaredNorm: null,
    losses: [1, 2].map((lossSum) => ({ tokens: 1, lossSum })),
  };
}

function told(whenStalled: StallPolicy, resolutions: readonly (Resolution | null)[]) {
  const config = {
    steps: 9,
    whenStalled,
    optimizer: optimizerSchema.parse({ name: 'sgd', learningRate: 0.1 }),
  };
  const manifest = { languages: [{ id: 'swh_Latn' }, { id: 'tur_Latn' }] };
  const job = { config, manifest, layout, groups: 'bucket' } as Partial<Job> as Job;
  const measured = { part: 'main', tokensPerSecond: 1, wireBytes: 0 } as const;
  const report = stepReport(job, { step: 3, root: 'ab', resolutions }, measured);
  return { ...report };
}

const STALLED = [
  resolutionOf(1, -3, -3, 9),
  resolutionOf(9, -3, -3, 1),
  resolutionOf(1, -2, -2, 4),
  resolutionOf(0, 0, 0, 0),
];

test('a stalled step says in how many groups the policy resolved it', (t) => {
  for (const [policy, groups] of [
    ['report', null],
    ['merge', 2],
    ['global', 1],
  ] as const) {
    const { stalled, coarserGroups, residualBucket, residualGlobal = 0 } = told(policy, STALLED);
    t.deepEqual([stalled, coarserGroups, residualBucket], [true, groups, 0]);
    t.true(residualGlobal > 0);
  }
});

test('a step that moves is resolved in the groups that there are', (t) => {
  const moving = [...STALLED.slice(0, 3), resolutionOf(1, 0, 0, 1)];
  for (const policy of ['report', 'merge', 'global'] as const) {
    const { stalled, coarserGroups } = told(policy, moving);
    t.deepEqual([stalled, coarserGroups], [false, null]);
  }
});

test('weights, what was not solved and whom a direction harms are told', (t) => {
  const uneven = { weights: packNumbers(Float64Array.of(3, 1)), converged: false };
  const harmful = { ...resolutionOf(1, -3, -3, 9), ...uneven };
  const alone = { ...resolutionOf(1, 0, 0, 0), present: Uint8Array.of(1, 0) };
  const { weights, unsolved, harmed } = told('report', [
    harmful,
    resolutionOf(1, 0, 0, 1),
    { ...alone, weights: packNumbers(Float64Array.of(1, 0)) },
    null,
  ]);
  t.deepEqual(weights, { swh_Latn: (0.75 + 0.5 + 1) / 3, tur_Latn: (0.25 + 0.5) / 2 });
  t.is(unsolved, 1);
  // Of weights 3 and 1 the first row gains 3 − 3, which is nothing; of 1 and 1 it would lose.
  t.is(harmed, 0);
  const equal = { ...harmful, weights: packNumbers(Float64Array.of(1, 1)), converged: true };
  t.is(told('report', [equal, null, null, null]).harmed, 1);
});
