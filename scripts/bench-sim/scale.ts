/** Many nodes on the analytic model: the time that the simulator takes, and the traffic. */
import { optimizerSchema } from '../../node/optim/index.ts';
import { analyticRun, type Scenario, World } from '../../sim/index.ts';

const BUCKETS = 64;
const BUCKET_BYTES = 65_536;
const LANGUAGES = 4;
/** Long enough for any of these runs, in virtual ms. */
const PATIENCE_MS = 3_600_000;

export interface Scale {
  readonly nodes: number;
  readonly steps: number;
  readonly wallMs: number;
  readonly virtualMs: number;
  readonly events: number;
  /** Whether all nodes ended at the last step, with one root. */
  readonly ok: boolean;
  /** In the mean over nodes and steps, everything that was said included. */
  readonly bytes: number;
  readonly messages: number;
  /** design.md, section 9: r = 1. */
  readonly boundBytes: number;
}

/** `units`: of each language in a step; a unit a node where there are more nodes than that. */
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
  const beganMs = nowMs();
  const world = new World({
    scenario,
    schedule: [],
    model: analyticRun(scenario, model),
    observers: [],
    core: null,
  });
  const end = world.run();
  const wallMs = nowMs() - beganMs;
  const roots = new Set(world.nodes.map(({ running }) => running?.root));
  const mean = (counts: readonly number[]) =>
    counts.reduce((sum, count) => sum + count, 0) / nodes / steps;
  const perNode = Math.ceil(LANGUAGES / nodes);
  return {
    ...{ nodes, steps, wallMs, events: world.events, virtualMs: world.clock.nowMs },
    ok: end === 'finished' && roots.size === 1,
    bytes: mean(world.network.bytesSent),
    messages: mean(world.network.messagesSent),
    boundBytes: ((perNode + 1) * BUCKETS * BUCKET_BYTES * (nodes - 1)) / nodes,
  };
}
