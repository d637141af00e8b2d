/** The cluster and the run that a seed draws: their size and shape, and every option of the run. */
import { optimizerSchema } from '../../node/optim/index.ts';
import { aggregatorSchemaWith } from '../../node/resolve/index.ts';
import { Draws } from '../core/draws.ts';
import { rememberingAggregator } from '../models/remembering-aggregator.ts';
import { SCENARIO_FORMAT, type Scenario } from '../scenario.ts';

const AGGREGATORS = ['mean', 'mgda', 'mgda', 'remembering', 'remembering', 'random', 'imtl-g'];
const PATIENCE_MS = 300_000;
const ABSENCE_CHANCE = 0.06;
/** Of the seeds with three regions. */
const DISTANCES_CHANCE = 0.3;

export function drawScenario(seed: number): Scenario {
  const draws = new Draws(seed, 'scenario');
  const count = draws.pick([1, 2, 3, 3, 4, 4, 5, 5, 6, 7]);
  const nodes = Array.from({ length: count }, (_, i) => `n${i}`);
  const units = Array.from({ length: draws.integer(1, 4) }, () => draws.integer(1, 4));
  const isUneven = draws.chance(0.3);
  return {
    format: SCENARIO_FORMAT,
    seed,
    nodes,
    slowness: nodes.map(() => (isUneven ? draws.between(0.5, 4) : 1)),
    model: { kind: 'tiny', bucketBytesMax: draws.pick([48, 64, 64, 128, 256, 4096]) },
    steps: draws.integer(3, 8),
    units,
    at: [],
    ...drawAbsences(seed, units.length),
    emptyUnits: draws.pick([0, 0, 0.1, 0.5]),
    brokenUnits: draws.pick([0, 0, 0, 0.05]),
    groups: draws.pick(['bucket', 'bucket', 'model']),
    codec: draws.pick(['f32', 'f32', 'bf16']),
    aggregator: drawAggregator(draws),
    optimizer: drawOptimizer(draws),
    checkpointEverySteps: draws.pick([null, 1, 2, 2, 3]),
    auditRate: 0,
    redundancy: draws.pick([1, 2, 2, 2, 2, 3, 3, 7]),
    weather: drawDistances(seed, drawWeather(draws)),
    timing: {
      computeMs: draws.pick([1, 20, 100, 400]),
      computeSpread: draws.pick(['constant', 'uniform', 'heavy']),
      bulkMs: draws.pick([0.01, 0.1, 1, 5]),
      diskMs: draws.pick([0.1, 2, 20]),
    },
    tieSalt: draws.chance(0.5) ? draws.integer(0, 1e6) : null,
    placementSalt: '',
    patienceMs: PATIENCE_MS,
  };
}

/** A language of which many steps in a row have no text, in a few seeds. */
function drawAbsences(seed: number, languages: number): Pick<Scenario, 'absences'> {
  const draws = new Draws(seed, 'absences');
  if (!draws.chance(ABSENCE_CHANCE)) return {};
  const language = draws.integer(0, languages - 1);
  return { absences: [{ language, fromStep: draws.integer(0, 3), steps: draws.integer(3, 8) }] };
}

/** Of three regions two may be near each other and far from the third, there and back. */
function drawDistances(seed: number, weather: Scenario['weather']): Scenario['weather'] {
  const draws = new Draws(seed, 'distances');
  const { regions, betweenRegionsMs } = weather;
  if (regions < 3 || betweenRegionsMs === 0 || !draws.chance(DISTANCES_CHANCE)) return weather;
  const apartMs = Array.from({ length: regions }, () =>
    Array.from({ length: regions }, () => Math.round(draws.between(0.1, 2) * betweenRegionsMs)),
  );
  return { ...weather, apartMs };
}

function drawAggregator(draws: Draws): Scenario['aggregator'] {
  const schema = aggregatorSchemaWith([rememberingAggregator]);
  const name = draws.pick(AGGREGATORS);
  const normalize = draws.pick(['none', 'l2'] as const);
  return schema.parse({ name, normalize });
}

function drawOptimizer(draws: Draws): Scenario['optimizer'] {
  const clipNorm = draws.pick([null, null, 0.1, 10]);
  const schedule = draws.pick(['constant', 'cosine']);
  const warmupSteps = draws.pick([0, 0, 2]);
  const shared = { learningRate: 0.02, schedule, warmupSteps, clipNorm };
  const isSgd = draws.chance(0.3);
  const own = isSgd ? { name: 'sgd', momentum: draws.pick([0, 0.9]) } : { name: 'adamw' };
  return optimizerSchema.parse({ ...shared, ...own });
}

function drawWeather(draws: Draws): Scenario['weather'] {
  return {
    latencyMs: draws.pick([0.2, 2, 20, 80]),
    spread: draws.pick(['constant', 'uniform', 'heavy']),
    jitterMs: draws.pick([0, 1, 20, 200]),
    regions: draws.pick([1, 1, 2, 3]),
    betweenRegionsMs: draws.pick([0, 50, 150]),
    bytesPerS: draws.pick([2e5, 1e6, 1e8]),
    queueBytesMax: draws.pick([2 ** 17, 2 ** 24]),
  };
}

/** A guess at how long a step takes, so that faults fall into the run and not after it. */
export function guessStepMs(scenario: Scenario): number {
  const { units, nodes, timing, weather, slowness } = scenario;
  const total = units.reduce((sum, count) => sum + count, 0);
  const slowest = Math.max(...slowness);
  const work = timing.computeMs * Math.ceil(total / nodes.length) * slowest;
  const numbers = timing.bulkMs * (30 + 10 * total);
  return work + numbers + 5 * (weather.latencyMs + weather.jitterMs + weather.betweenRegionsMs);
}
