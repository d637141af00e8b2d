/**
 * What few seeds have besides: each is drawn from a label of its own, so that seeds without it are
 * what they were before it came.
 */
import { Draws } from '../core/draws.ts';
import type { Mode } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import type { Fault } from '../schedule/faults.ts';
import { drawnMs, type Ground, someNodes } from './drawn-faults.ts';
import { guessStepMs } from './scenario.ts';

const STRANGERS_CHANCE = 0.06;
const WRONG_PEER_CHANCE = 0.05;
const CHURN_CHANCE = 0.04;
const LIST_CHANCE = 0.02;
/** Of the seeds with several regions. */
const CUT_OFF_CHANCE = 0.1;
const REGION_LOST_CHANCE = 0.3;
/** Names of those who join besides tell them from others who do. */
const CHURN_FIRST = 10;

const WHAT = [
  ...(['protocolVersion', 'config', 'redundancy', 'numericsClass'] as const),
  ...(['canary', 'networkKey'] as const),
];

/** `core`: those of whom nobody may be kept away for good; null: all. */
export function drawnBesides(
  seed: number,
  scenario: Scenario,
  mode: Mode,
  core: readonly string[] | null,
): Fault[] {
  const ground = (label: string): Ground => {
    const draws = new Draws(seed, label);
    const stepMs = guessStepMs(scenario);
    const atMs = Math.round(draws.between(0, scenario.steps * stepMs));
    return { draws, nodes: scenario.nodes, stepMs, atMs };
  };
  const hasPeers = scenario.nodes.length > 1;
  return [
    ...(hasPeers ? strangers(ground('strangers'), mode, scenario.redundancy, core) : []),
    ...(hasPeers ? wrongPeer(ground('wrong peer')) : []),
    ...(mode === 'harmed' || mode === 'misled' ? [] : churn(ground('churn'))),
    ...regionFaults(ground('regions'), mode, scenario.weather.regions),
  ];
}

/**
 * Nodes that start again as they should not: as few at once as may crash, or any. Where some are
 * never well again one of those may stay a stranger.
 */
function strangers(
  ground: Ground,
  mode: Mode,
  redundancy: number,
  core: readonly string[] | null,
): Fault[] {
  const { draws, nodes, atMs } = ground;
  if (!draws.chance(STRANGERS_CHANCE)) return [];
  const isMany = mode === 'beyond' && draws.chance(0.3);
  if (redundancy < 2 && mode === 'recoverable') return [];
  const others = core === null ? [] : nodes.filter((name) => !core.includes(name));
  const isForGood = mode === 'core' && others.length > 0 && draws.chance(0.5);
  const one = [draws.pick(isForGood ? others : nodes)];
  const durationMs = isForGood ? null : drawnMs(ground);
  const on = { atMs, durationMs, nodes: isMany ? someNodes(ground) : one };
  if (draws.chance(0.2)) return [{ ...on, fault: 'otherTokenizer', args: {} }];
  return [{ ...on, fault: 'mismatch', args: { what: draws.pick(WHAT) } }];
}

/** Connections break, and who is dialled then is somebody else for a while. */
function wrongPeer(ground: Ground): Fault[] {
  const { draws, atMs } = ground;
  if (!draws.chance(WRONG_PEER_CHANCE)) return [];
  const nodes = someNodes(ground);
  const link = { peers: draws.chance(0.5) ? [] : someNodes(ground), oneWay: draws.chance(0.3) };
  const durationMs = drawnMs(ground);
  return [
    { fault: 'wrongPeerId', atMs, durationMs, nodes, args: link },
    { fault: 'reset', atMs: atMs + 1, durationMs: 0, nodes, args: { ...link, oneWay: false } },
  ];
}

/** Nodes come one after another, and most of them go again. */
function churn(ground: Ground): Fault[] {
  const { draws, stepMs } = ground;
  if (!draws.chance(CHURN_CHANCE)) return [];
  const faults: Fault[] = [];
  let { atMs } = ground;
  for (let i = 0, count = draws.integer(2, 4); i < count; i++) {
    const on = { durationMs: 0, nodes: [`j${CHURN_FIRST + i}`], args: {} };
    faults.push({ ...on, fault: 'join', atMs });
    const stayMs = Math.round(draws.between(0.2, 6) * stepMs + draws.pick([0, 1_000, 5_000]));
    if (draws.chance(0.7)) faults.push({ ...on, fault: 'leave', atMs: atMs + stayMs });
    atMs += Math.round(draws.between(0.2, 2) * stepMs);
  }
  return faults;
}

/** Regions that hear only themselves, and one that is lost with all its machines. */
function regionFaults(ground: Ground, mode: Mode, regions: number): Fault[] {
  const { draws, nodes, atMs } = ground;
  const groups = Array.from({ length: regions }, (_, region) =>
    nodes.filter((_name, i) => i % regions === region),
  ).filter((group) => group.length > 0);
  if (groups.length < 2) return [];
  const faults: Fault[] = [];
  if (draws.chance(CUT_OFF_CHANCE)) {
    const durationMs = drawnMs(ground);
    faults.push({ fault: 'partition', atMs, durationMs, nodes: [], args: { groups } });
  }
  if (mode === 'beyond' && draws.chance(REGION_LOST_CHANCE)) {
    const args = { power: draws.chance(0.5), disk: draws.pick(['kept', 'kept', 'wiped'] as const) };
    const durationMs = drawnMs(ground);
    const lost = draws.pick(groups);
    const at = Math.round(draws.between(0.5, 3) * ground.stepMs);
    faults.push({ fault: 'crash', atMs: at, durationMs, nodes: lost, args });
  }
  return faults;
}

/** Many identities of one liar at a run that has a list of who may come; mostly there is none. */
export function drawnIntruders(seed: number, { steps, nodes }: Scenario, stepMs: number): Fault[] {
  const draws = new Draws(seed, 'intruders');
  if (nodes.length < 2 || !draws.chance(LIST_CHANCE)) return [];
  return [sybil(draws, nodes.length, Math.round(draws.between(0, steps) * stepMs))];
}

/** As many as it takes to be more than the others, or fewer; they go after a while, or stay. */
export function sybil(draws: Draws, nodes: number, atMs: number): Fault {
  const names = Array.from({ length: draws.integer(1, nodes + 1) }, (_, i) => `s${i}`);
  const durationMs = draws.chance(0.3) ? Math.round(draws.between(500, 10_000)) : null;
  const args = { factor: draws.pick([-1, 1.5, 0]) };
  return { fault: 'sybil', atMs, durationMs, nodes: names, args };
}
