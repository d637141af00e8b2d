/**
 * Trials in which some nodes lie or compute wrongly. Mostly all audit every step: whoever is honest
 * and unharmed must come to the end with the right bits, and refuse nobody else who is. Where only
 * some steps are audited others are misled, and may stop for it; but nobody honest is refused.
 */
import { Draws } from '../core/draws.ts';
import type { Trial } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import type { Fault, FaultName } from '../schedule/faults.ts';
import { sybil } from './besides.ts';
import { guessStepMs } from './scenario.ts';

/** Of the seeds that could have them. */
const HARM_SHARE = 0.1;
/** Every node computes all units of each step: a run takes longer by about so much. */
const PATIENCE_FACTOR = 3;
/** Of the seeds with nodes that are wrong: those in which not every step is audited. */
const MISLED_SHARE = 0.2;
const MISLED_RATES = [0, 0.1, 0.5];
/** Of those: with crashes beside. */
const CRASHES_SHARE = 0.6;
/** With many identities of one liar, or one more. */
const SYBILS_SHARE = 0.3;
/** With nodes that join or leave beside. */
const MOVES_SHARE = 0.4;
/** Nodes that were misled may begin anew for ever. */
const MISLED_PATIENCE_MS = 30_000;

/** Whether a seed has nodes that are wrong. */
export function drawsHarm(seed: number, { nodes }: Scenario): boolean {
  return nodes.length > 1 && new Draws(seed, 'harm').chance(HARM_SHARE);
}

/** `others`: faults of the network, machines and disks that come along. `isMisled`: or drawn. */
export function drawHarmed(
  seed: number,
  scenario: Scenario,
  others: readonly Fault[],
  isMisled?: boolean,
): Trial {
  const draws = new Draws(seed, 'harmed');
  const { nodes } = scenario;
  const count = draws.integer(1, Math.max(1, (nodes.length - 1) >> 1));
  const harmed = nodes.length > 1 ? draws.shuffled(nodes).slice(0, count) : [];
  const schedule = [...others.filter(({ fault }) => !excusing.has(fault))];
  const stepMs = guessStepMs(scenario) * Math.max(1, nodes.length);
  for (const name of harmed) {
    for (let i = draws.integer(1, 2); i > 0; i--) {
      schedule.push(remembers(seed, scenario, drawHarm(draws, name, stepMs)));
    }
  }
  schedule.push(...drawSybils(seed, nodes, stepMs));
  schedule.sort((a, b) => a.atMs - b.atMs);
  if (isMisled ?? draws.chance(MISLED_SHARE)) {
    const auditRate = draws.pick(MISLED_RATES);
    const patienceMs = MISLED_PATIENCE_MS;
    schedule.push(...drawCrashes(seed, nodes, stepMs), ...drawMoves(seed, nodes, harmed, stepMs));
    schedule.sort((a, b) => a.atMs - b.atMs);
    return {
      scenario: { ...scenario, auditRate, patienceMs },
      schedule,
      mode: 'misled',
      core: null,
    };
  }
  const moves = drawMoves(seed, nodes, harmed, stepMs);
  schedule.push(...moves, ...drawCrashes(seed, nodes, stepMs));
  schedule.sort((a, b) => a.atMs - b.atMs);
  const gone = moves.flatMap(({ fault, nodes: who }) => (fault === 'leave' ? who : []));
  const core = nodes.filter((name) => !harmed.includes(name) && !gone.includes(name));
  const patienceMs = PATIENCE_FACTOR * scenario.patienceMs;
  return { scenario: { ...scenario, auditRate: 1, patienceMs }, schedule, mode: 'harmed', core };
}

/** Somebody who comes as many, and says of each step what all of them say. */
function drawSybils(seed: number, nodes: readonly string[], stepMs: number): Fault[] {
  const draws = new Draws(seed, 'sybils');
  if (!draws.chance(SYBILS_SHARE)) return [];
  return [sybil(draws, nodes.length, Math.round(draws.between(0, 6) * stepMs))];
}

/** Nodes that go and come back, so that others pass on and use what those had gathered. */
function drawCrashes(seed: number, nodes: readonly string[], stepMs: number): Fault[] {
  const draws = new Draws(seed, 'crashes among the harmed');
  if (!draws.chance(CRASHES_SHARE)) return [];
  return Array.from({ length: draws.integer(1, 3) }, () => {
    const atMs = Math.round(draws.between(0, 6) * stepMs);
    const durationMs = Math.round(draws.between(0.2, 4) * stepMs);
    const disk = draws.pick<'kept' | 'wiped'>(['kept', 'kept', 'kept', 'wiped']);
    const args = { power: draws.chance(0.5), disk };
    return { fault: 'crash', atMs, durationMs, nodes: [draws.pick(nodes)], args };
  });
}

/** Nodes that come anew, and honest ones that go in order; somebody honest stays. */
function drawMoves(
  seed: number,
  nodes: readonly string[],
  harmed: readonly string[],
  stepMs: number,
): Fault[] {
  const draws = new Draws(seed, 'moves among the harmed');
  if (!draws.chance(MOVES_SHARE)) return [];
  const at = () => Math.round(draws.between(0.5, 6) * stepMs);
  const joining = Array.from({ length: draws.integer(0, 2) }, (_, i): Fault => {
    return { fault: 'join', atMs: at(), durationMs: 0, nodes: [`j${i}`], args: {} };
  });
  const honest = draws.shuffled(nodes.filter((name) => !harmed.includes(name)));
  const leaving = honest.slice(1, 1 + draws.integer(0, 1)).map((name): Fault => {
    return { fault: 'leave', atMs: at(), durationMs: 0, nodes: [name], args: {} };
  });
  return [...joining, ...leaving];
}

/** Where the aggregator remembers something, that may rot in place of what the optimizer does. */
function remembers(seed: number, { aggregator }: Scenario, harm: Fault): Fault {
  const isOther = harm.fault === 'optimizerFlip' && aggregator.name === 'remembering';
  const draws = new Draws(seed, 'rotten states');
  return isOther && draws.chance(0.5) ? { ...harm, fault: 'stateFlip', args: {} } : harm;
}

/** What makes honest nodes look like liars, and what makes those slow whom nobody may help. */
const excusing = new Set<FaultName>(['payloadFlip', 'stragglers', 'slow']);

function drawHarm(draws: Draws, name: string, stepMs: number): Fault {
  const atMs = Math.round(draws.between(0, 6) * stepMs);
  const durationMs = Math.round(draws.between(1, 8) * stepMs);
  const on = { atMs, durationMs, nodes: [name] };
  return draws.pick<Fault>([
    { ...on, fault: 'gradientFlip', args: { share: draws.pick([0.2, 1]) } },
    { ...on, fault: 'gradientNonFinite', args: { share: draws.pick([0.2, 1]) } },
    { ...on, fault: 'parameterFlip', args: {} },
    { ...on, fault: 'optimizerFlip', args: {} },
    { ...on, fault: 'lieSlice', args: { factor: draws.pick([-1, 1.5, 0]) } },
    { ...on, fault: 'lieUpdate', args: {} },
    { ...on, fault: 'equivocate', args: {} },
    { ...on, fault: 'stale', args: {} },
    { ...on, fault: 'forgeOwner', args: {} },
    { ...on, fault: 'wrongLanguage', args: {} },
    { ...on, fault: 'withhold', args: {} },
    { ...on, fault: 'flood', args: { perS: draws.pick([5, 100]) } },
  ]);
}
