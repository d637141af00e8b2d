/** Scenarios for tests: small, calm, and changed by what a test is about. */
import { optimizerSchema } from '../../node/optim/index.ts';
import type { Scenario } from '../../sim/scenario.ts';
import type { Fault, FaultName, FaultOf } from '../../sim/schedule/faults.ts';
import { faultSchema } from '../../sim/schedule/faults.ts';

export const CALM: Scenario = {
  format: 1,
  seed: 1,
  nodes: ['n0', 'n1', 'n2'],
  slowness: [],
  model: { kind: 'tiny', bucketBytesMax: 64 },
  steps: 5,
  units: [1, 3, 2],
  at: [],
  emptyUnits: 0,
  brokenUnits: 0,
  groups: 'bucket',
  codec: 'f32',
  aggregator: { name: 'mgda', normalize: 'l2' },
  optimizer: optimizerSchema.parse({ name: 'adamw', learningRate: 0.05 }),
  checkpointEverySteps: 2,
  auditRate: 0,
  redundancy: 2,
  weather: {
    latencyMs: 10,
    spread: 'uniform',
    jitterMs: 5,
    regions: 1,
    betweenRegionsMs: 0,
    bytesPerS: 1e7,
    queueBytesMax: 2 ** 24,
  },
  timing: { computeMs: 50, computeSpread: 'uniform', bulkMs: 0.1, diskMs: 5 },
  tieSalt: null,
  placementSalt: '',
  patienceMs: 600_000,
};

type ArgsOf<Name extends FaultName> = Omit<FaultOf<Name>['args'], 'peers' | 'oneWay'> &
  Partial<{ peers: string[]; oneWay: boolean }>;

/** A fault; links are both ways to everybody unless said otherwise. */
export function fault<Name extends FaultName>(
  name: Name,
  atMs: number,
  durationMs: number | null,
  nodes: string[],
  args: ArgsOf<Name>,
): Fault {
  const plain = { fault: name, atMs, durationMs, nodes, args };
  const parsed = faultSchema.safeParse(plain);
  if (parsed.success) return parsed.data;
  return faultSchema.parse({ ...plain, args: { peers: [], oneWay: false, ...args } });
}
