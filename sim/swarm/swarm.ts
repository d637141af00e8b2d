/**
 * The swarm: what a seed draws. Not every fault exists in every seed, because a fault that is
 * always there hides what happens without it.
 */
import { Draws } from '../core/draws.ts';
import type { Mode, Trial } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import type { Fault } from '../schedule/faults.ts';
import { drawnBesides, drawnIntruders } from './besides.ts';
import {
  clockMakers,
  diskMakers,
  drawnGroups,
  drawnMs,
  type Ground,
  networkMakers,
  slowMakers,
  someNodes,
  swizzle,
} from './drawn-faults.ts';
import { drawHarmed, drawsHarm } from './harmed.ts';
import { drawOverload } from './overload.ts';
import { drawScenario, guessStepMs } from './scenario.ts';
import { drawnStory, hasStory, storyScenario } from './stories.ts';

/** After a loss, until a new holder is certain to stand: noticed, filled and announced. */
const REFILL_MS = 10_000;
const REFILL_STEPS = 8;
/** Three seeds in five stay inside what the replicas tolerate. */
const MODES: readonly Mode[] = ['recoverable', 'recoverable', 'recoverable', 'beyond', 'core'];
/** Shares of steps that nodes compute again by themselves. */
const AUDIT_RATES = [0, 0, 0.02, 0.2];
const OVERLOAD_CHANCE = 0.01;
/** Faults of one family in one seed. */
const FAULTS_MAX = 4;

/**
 * The trial of a seed; which mode it is in is drawn too, and on which cluster,
 * unless they are given.
 */
export function drawTrial(seed: number, mode?: Mode, given?: Scenario): Trial {
  const draws = new Draws(seed, 'schedule');
  if (mode === undefined && given === undefined && isOverload(seed)) {
    return drawOverload(seed, drawScenario(seed));
  }
  const plain = given === undefined ? drawScenario(seed) : { ...given, seed };
  const isHarmed = mode === undefined && given === undefined && drawsHarm(seed, plain);
  if (mode === 'harmed' || mode === 'misled' || isHarmed) {
    const isMisled = isHarmed ? undefined : mode === 'misled';
    const others = [...drawnByFamily(draws, plain), ...drawnBesides(seed, plain, 'harmed', null)];
    return drawHarmed(seed, plain, others, isMisled);
  }
  const drawn = draws.pick(MODES);
  const chosen = mode ?? drawn;
  const isStory = chosen === 'beyond' && hasStory(seed);
  const scenario = given === undefined ? scenarioOf(seed, isStory) : { ...given, seed };
  const schedule = [...drawnByFamily(draws, scenario), ...drawnLosses(draws, scenario, chosen)];
  if (isStory) schedule.push(...drawnStory(seed, scenario, guessStepMs(scenario)));
  const core = chosen === 'core' ? drawnCore(draws, scenario) : null;
  if (core !== null) schedule.push(...brokenForGood(draws, scenario, core));
  schedule.push(...drawnBesides(seed, scenario, chosen, core));
  const intruders =
    given === undefined ? drawnIntruders(seed, scenario, guessStepMs(scenario)) : [];
  schedule.push(...intruders);
  const spared = core === null ? schedule : sparing(core, schedule);
  const at = given === undefined ? drawnText(seed, scenario, spared, core) : scenario.at;
  const isKept = at.some((nodes) => nodes !== null);
  if (isKept) spared.push(...missingShards(new Draws(seed, 'shards'), scenario));
  spared.sort((a, b) => a.atMs - b.atMs);
  const auditRate =
    given === undefined ? new Draws(seed, 'audit').pick(AUDIT_RATES) : scenario.auditRate;
  const allowList = intruders.length > 0 ? { allowList: true } : {};
  const run = { ...scenario, at, auditRate, ...allowList };
  return { scenario: run, schedule: spared, mode: chosen, core };
}

/**
 * Who alone has a language's text, in one seed of five: mostly somebody among them is well in the
 * end, and where nobody is the run must wait, and say so.
 */
function drawnText(
  seed: number,
  { nodes, units }: Scenario,
  schedule: readonly Fault[],
  core: readonly string[] | null,
): Scenario['at'] {
  const draws = new Draws(seed, 'text');
  if (!draws.chance(0.2)) return [];
  const gone = new Set(
    schedule.flatMap((fault) =>
      fault.fault === 'leave' || fault.durationMs === null ? fault.nodes : [],
    ),
  );
  const lasting = (core ?? nodes).filter((name) => !gone.has(name));
  return units.map(() => {
    if (draws.chance(0.4)) return null;
    const some = draws.shuffled(nodes).slice(0, draws.integer(1, nodes.length));
    const keeper = draws.chance(0.85) && lasting.length > 0 ? [draws.pick(lasting)] : [];
    return [...new Set([...keeper, ...some])];
  });
}

/** Text that is gone for a while; at most one node at once, as with crashes. */
function missingShards(draws: Draws, scenario: Scenario): Fault[] {
  if (!draws.chance(0.3) || scenario.redundancy < 2 || scenario.nodes.length < 2) return [];
  const ground = groundOf(draws, scenario);
  const nodes = [draws.pick(scenario.nodes)];
  const args = { language: draws.integer(0, scenario.units.length - 1) };
  const { atMs } = ground;
  return [{ fault: 'missingShard', atMs, durationMs: drawnMs(ground), nodes, args }];
}

function scenarioOf(seed: number, isStory: boolean): Scenario {
  return isStory ? storyScenario(seed, drawScenario(seed)) : drawScenario(seed);
}

/** A few seeds are long runs with an overload. */
function isOverload(seed: number): boolean {
  return new Draws(seed, 'shape').chance(OVERLOAD_CHANCE);
}

function groundOf(draws: Draws, scenario: Scenario): Ground {
  const stepMs = guessStepMs(scenario);
  const atMs = Math.round(draws.between(0, scenario.steps * stepMs));
  return { draws, nodes: scenario.nodes, stepMs, atMs };
}

/** Faults that lose nothing for good. */
function drawnByFamily(draws: Draws, scenario: Scenario): Fault[] {
  const families = [
    { makers: networkMakers, chance: scenario.nodes.length > 1 ? 0.5 : 0 },
    { makers: slowMakers, chance: 0.4 },
    { makers: clockMakers, chance: 0.2 },
    { makers: diskMakers, chance: 0.3 },
  ];
  const faults: Fault[] = [];
  for (const { makers, chance } of families) {
    if (!draws.chance(chance)) continue;
    const names = draws.shuffled(Object.keys(makers)).slice(0, draws.integer(1, 3));
    const count = draws.integer(1, FAULTS_MAX);
    for (let i = 0; i < count; i++)
      faults.push(makers[draws.pick(names)]!(groundOf(draws, scenario)));
  }
  if (scenario.nodes.length > 2 && draws.chance(0.1)) {
    faults.push(...swizzle(groundOf(draws, scenario)));
  }
  return faults;
}

/** Nodes that die, come and go. */
function drawnLosses(draws: Draws, scenario: Scenario, mode: Mode): Fault[] {
  const faults: Fault[] = [];
  if (draws.chance(0.15)) {
    for (let i = draws.integer(1, 2); i > 0; i--) {
      const { atMs } = groundOf(draws, scenario);
      faults.push({ fault: 'join', atMs, durationMs: 0, nodes: [`j${i}`], args: {} });
    }
  }
  const goers = draws.shuffled(scenario.nodes).slice(1);
  if (goers.length > 0 && draws.chance(0.1)) {
    const { atMs } = groundOf(draws, scenario);
    faults.push({ fault: 'leave', atMs, durationMs: 0, nodes: [goers.pop()!], args: {} });
  }
  if (draws.chance(0.05)) {
    const { atMs } = groundOf(draws, scenario);
    const nodes = [draws.pick(scenario.nodes)];
    faults.push({ fault: 'stop', atMs, durationMs: 0, nodes, args: {} });
  }
  if (!draws.chance(0.6)) return faults;
  if (mode === 'beyond') faults.push(...manyCrashes(draws, scenario, goers));
  else faults.push(...fewCrashes(draws, scenario, goers));
  return faults;
}

/** Crashes of fewer nodes than hold a bucket, and then none until new holders stand. */
function fewCrashes(draws: Draws, scenario: Scenario, goers: string[]): Fault[] {
  const tolerated = Math.min(scenario.redundancy, scenario.nodes.length) - 1;
  const stepMs = guessStepMs(scenario);
  const faults: Fault[] = [];
  let fromMs = 0;
  for (let wave = draws.integer(1, 3); wave > 0 && tolerated > 0; wave--) {
    const ground = groundOf(draws, scenario);
    const atMs = fromMs + ground.atMs;
    const victims = draws.shuffled(scenario.nodes).slice(0, draws.integer(1, tolerated));
    let lastMs = atMs;
    for (const name of victims) {
      const fault = crash({ ...ground, atMs: atMs + Math.round(draws.between(0, stepMs)) }, [name]);
      const isForGood = draws.chance(0.3) && goers.includes(name);
      if (isForGood) goers.splice(goers.indexOf(name), 1);
      faults.push(isForGood ? { ...fault, durationMs: null } : fault);
      lastMs = Math.max(lastMs, fault.atMs + (fault.durationMs ?? 0));
    }
    fromMs = lastMs + REFILL_MS + REFILL_STEPS * stepMs;
  }
  return faults;
}

/** Crashes without regard to who holds what: also of all at once. */
function manyCrashes(draws: Draws, scenario: Scenario, goers: string[]): Fault[] {
  const faults: Fault[] = [];
  for (let i = draws.integer(1, 4); i > 0; i--) {
    const ground = groundOf(draws, scenario);
    const victims = draws.chance(0.3) ? [...scenario.nodes] : someNodes(ground);
    faults.push(draws.chance(0.15) ? outOfMemory(ground, victims) : crash(ground, victims));
  }
  for (const name of goers) {
    if (!draws.chance(0.3)) continue;
    const ground = groundOf(draws, scenario);
    faults.push({ ...crash(ground, [name]), durationMs: null });
  }
  return faults;
}

function crash(ground: Ground, nodes: string[]): Fault {
  const { draws, atMs } = ground;
  const power = draws.chance(0.4);
  if (draws.chance(0.2)) {
    return { fault: 'crashInWrite', atMs, durationMs: drawnMs(ground), nodes, args: { power } };
  }
  const disk = draws.pick(['kept', 'kept', 'kept', 'wiped', 'older'] as const);
  return { fault: 'crash', atMs, durationMs: drawnMs(ground), nodes, args: { power, disk } };
}

function outOfMemory(ground: Ground, nodes: string[]): Fault {
  const { draws, atMs } = ground;
  const args = { values: draws.integer(20, 200) };
  return { fault: 'outOfMemory', atMs, durationMs: drawnMs(ground), nodes, args };
}

/** The nodes that are well in the end: at least one. */
function drawnCore(draws: Draws, { nodes }: Scenario): string[] {
  return draws.shuffled(nodes).slice(0, draws.integer(1, nodes.length));
}

/** The schedule without what would take a node of the core away for good. */
function sparing(core: readonly string[], schedule: readonly Fault[]): Fault[] {
  return schedule.flatMap((fault) => {
    const isFatal = fault.fault === 'leave' || fault.durationMs === null;
    if (!isFatal || fault.nodes.length === 0) return [fault];
    const nodes = fault.nodes.filter((name) => !core.includes(name));
    return nodes.length === 0 ? [] : [{ ...fault, nodes }];
  });
}

/** Everything but the core breaks, and stays so. */
function brokenForGood(draws: Draws, scenario: Scenario, core: readonly string[]): Fault[] {
  const faults: Fault[] = [];
  const others = scenario.nodes.filter((name) => !core.includes(name));
  if (others.length === 0) return faults;
  const ground = groundOf(draws, scenario);
  if (draws.chance(0.4)) {
    const groups = [[...core], ...drawnGroups(draws, others)];
    const { atMs } = ground;
    faults.push({ fault: 'partition', atMs, durationMs: null, nodes: [], args: { groups } });
  }
  for (const name of others) {
    const own = groundOf(draws, scenario);
    const { atMs } = own;
    const broken = { atMs, durationMs: null, nodes: [name] };
    const everybody = { peers: [], oneWay: false };
    faults.push(
      draws.pick<Fault>([
        { ...broken, fault: 'crash', args: { power: draws.chance(0.4), disk: 'kept' } },
        { ...broken, fault: 'pause', args: {} },
        { ...broken, fault: 'clog', args: everybody },
      ]),
    );
  }
  return faults;
}
