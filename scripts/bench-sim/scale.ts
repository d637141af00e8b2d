/** Many nodes on the analytic model: the time that the simulator takes, and the traffic. */
import { optimizerSchema } from '../../node/optim/index.ts';
import { analyticRun, type Observer, type Scenario, World } from '../../sim/index.ts';

const BUCKETS = 64;
const BUCKET_BYTES = 65_536;
const LANGUAGES = 4;
/** Long enough for any of these runs, in virtual ms. */
const PATIENCE_MS = 3_600_000;

export interface Scale {
  readonly nodes: number;
  readonly steps: number;
  readonly wallMs: number;
  /** Time of a core, which others on the machine do not lengthen as much. */
  readonly cpuMs: number;
  readonly virtualMs: number;
  readonly events: number;
  /** Whether all nodes ended at the last step, with one root. */
  readonly ok: boolean;
  /** In the mean over nodes and steps, everything that was said included. */
  readonly bytes: number;
  readonly messages: number;
  /** (q + 1)·P·(N−1)/N at 4 bytes a value, q = ceil(m/N): sums and updates at r = 1. */
  readonly boundBytes: number;
  /** And the directions to backups, (r−1)·P/N. */
  readonly boundWithBackupsBytes: number;
  readonly unitsComputed: number;
  readonly unitsNeeded: number;
}

/** Four units of each language in a step, and a unit a node where there are more nodes. */
export function scaleScenario(nodes: number, steps: number): Scenario {
  const units = Math.ceil(Math.max(16, nodes) / LANGUAGES);
  return {
    format: 1,
    seed: 1,
    nodes: Array.from({ length: nodes }, (_, i) => `n${String(i).padStart(4, '0')}`),
    slowness: [],
    model: { kind: 'analytic', buckets: BUCKETS, bucketBytes: BUCKET_BYTES },
    steps,
    units: Array<number>(LANGUAGES).fill(units),
    at: [],
    auditRate: 0,
    emptyUnits: 0,
    brokenUnits: 0,
    groups: 'bucket',
    codec: 'f32',
    aggregator: { name: 'mean', normalize: 'none' },
    optimizer: optimizerSchema.parse({ name: 'sgd', learningRate: 1 }),
    checkpointEverySteps: null,
    redundancy: 2,
    weather: {
      latencyMs: 2,
      spread: 'uniform',
      jitterMs: 1,
      regions: 1,
      betweenRegionsMs: 0,
      bytesPerS: 1e9,
      queueBytesMax: 2 ** 32,
    },
    timing: { computeMs: 1_000, computeSpread: 'uniform', bulkMs: 0.05, diskMs: 2 },
    tieSalt: null,
    placementSalt: '',
    patienceMs: PATIENCE_MS,
  };
}

export function measureScale(nodes: number, steps: number, nowMs: () => number): Scale {
  const scenario = scaleScenario(nodes, steps);
  const { model } = scenario;
  if (model.kind !== 'analytic') throw new Error('the scale bench runs the analytic model');
  let unitsComputed = 0;
  const counting: Observer = {
    handled(_running, _event, effects) {
      for (const { kind } of effects) if (kind === 'compute') unitsComputed++;
    },
  };
  const beganMs = nowMs();
  const began = process.cpuUsage();
  const world = new World({
    scenario,
    schedule: [],
    model: analyticRun(scenario, model),
    observers: [counting],
    core: null,
    entriesMax: Number.POSITIVE_INFINITY,
  });
  const end = world.run();
  const wallMs = nowMs() - beganMs;
  const { user, system } = process.cpuUsage(began);
  const roots = new Set(world.nodes.map(({ running }) => running?.root));
  const mean = (counts: readonly number[]) =>
    counts.reduce((sum, count) => sum + count, 0) / nodes / steps;
  const q = Math.ceil(LANGUAGES / nodes);
  const modelBytes = BUCKETS * BUCKET_BYTES;
  const boundBytes = ((q + 1) * modelBytes * (nodes - 1)) / nodes;
  return {
    ...{ nodes, steps, wallMs, cpuMs: (user + system) / 1000 },
    ...{ events: world.events, virtualMs: world.clock.nowMs },
    ok: end === 'finished' && roots.size === 1,
    bytes: mean(world.network.bytesSent),
    messages: mean(world.network.messagesSent),
    boundBytes,
    boundWithBackupsBytes: boundBytes + ((scenario.redundancy - 1) * modelBytes) / nodes,
    unitsComputed,
    unitsNeeded: steps * scenario.units.reduce((sum, units) => sum + units, 0),
  };
}
