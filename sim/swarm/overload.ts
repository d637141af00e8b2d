/**
 * A trial of another shape: a long, calm run with one overload in it, so that steps before and
 * after can be compared.
 */
import { Draws } from '../core/draws.ts';
import type { Trial } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import type { Fault } from '../schedule/faults.ts';
import { type Ground, networkMakers, slowMakers } from './drawn-faults.ts';

const STEPS = 110;
/** Long steps cost no more than short ones, and what is learned anew is learned in seconds. */
const COMPUTE_MS = 400;
/** Steps before the overload. */
const STEPS_BEFORE = 20;
const KINDS = ['slow', 'stragglers', 'pause', 'bandwidth', 'queueCap', 'latency', 'loss', 'drop'];

/** The overload of a seed, on the cluster that it draws, made calm. */
export function drawOverload(seed: number, drawn: Scenario): Trial {
  const draws = new Draws(seed, 'overload');
  const scenario: Scenario = {
    ...drawn,
    slowness: [],
    nodes: drawn.nodes.slice(0, 4),
    units: drawn.units.slice(0, 2),
    model: { kind: 'tiny', bucketBytesMax: 128 },
    steps: STEPS,
    brokenUnits: 0,
    checkpointEverySteps: null,
    weather: {
      ...drawn.weather,
      ...({ latencyMs: 20, jitterMs: 0, spread: 'constant', regions: 1 } as const),
      bytesPerS: 1e8,
      queueBytesMax: 2 ** 24,
    },
    timing: { computeMs: COMPUTE_MS, computeSpread: 'constant', bulkMs: 0.1, diskMs: 2 },
  };
  const units = scenario.units.reduce((sum, count) => sum + count, 0);
  const stepMs = COMPUTE_MS * Math.ceil(units / scenario.nodes.length) + 100;
  const atMs = 2_000 + STEPS_BEFORE * stepMs;
  const ground: Ground = { draws, nodes: scenario.nodes, stepMs, atMs };
  return { scenario, schedule: [drawnOverload(ground)], mode: 'recoverable', core: null };
}

function drawnOverload(ground: Ground): Fault {
  const { draws, nodes } = ground;
  const kinds = nodes.length > 1 ? KINDS : KINDS.slice(0, 3);
  const kind = draws.pick(kinds);
  const fault = (networkMakers[kind] ?? slowMakers[kind])!(ground);
  // On everybody, more often than not.
  return draws.chance(0.6) ? { ...fault, nodes: [...nodes] } : fault;
}
