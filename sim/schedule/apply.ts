/** How a fault begins in the world; each gives back how it is healed. */
import { makeOlder } from '../disk/index.ts';
import type { HarmFault, SimNode } from '../process/index.ts';
import type { World } from '../world.ts';
import type { Fault, FaultOf } from './faults.ts';
import { flipOptimizer, flipParameter, flipState, flood, forgeUpdates } from './harm.ts';
import { beginOnConnections, beginOnLinks } from './links.ts';
import { differ, leave, loseText, pretend } from './members.ts';

type Heal = () => void;
const NOTHING: Heal = () => {};

/** Begins a fault; `id` is its place in the schedule, and keys its draws. */
export function beginFault(world: World, fault: Fault, id: number): Heal {
  const nodes = fault.nodes.map((name) => world.node(name));
  switch (fault.fault) {
    case 'crash':
      return all(nodes, (node) => crash(world, node, fault));
    case 'pause':
    case 'slow':
    case 'stragglers':
    case 'outOfMemory':
    case 'crashInWrite':
    case 'drift':
    case 'clockStep':
    case 'clockNoise':
      return all(nodes, (node) => beginOnNode(world, node, fault, id));
    case 'diskError':
    case 'diskFull':
    case 'diskSlow':
    case 'shortRead':
    case 'rot':
    case 'tornWrite':
    case 'misdirected':
    case 'lyingSync':
    case 'lostRename':
      return all(nodes, (node) => beginOnDisk(node, fault));
    case 'join':
      for (const node of nodes) world.join(node);
      return NOTHING;
    case 'missingShard':
      return all(nodes, (node) => loseText(world, node, fault.args.language));
    case 'otherTokenizer':
      return all(nodes, (node) => differ(world, node, 'tokenizer', fault));
    case 'mismatch':
      return all(nodes, (node) => differ(world, node, fault.args.what, fault));
    case 'sybil':
      return all(nodes, (node) => pretend(world, node, fault, id));
    case 'leave':
      for (const node of nodes) leave(node);
      return NOTHING;
    case 'stop':
      for (const node of nodes) node.running?.receive({ kind: 'stop' });
      return NOTHING;
    case 'partition':
    case 'clog':
    case 'flap':
    case 'reset':
    case 'halfOpen':
    case 'refuseDial':
    case 'wrongPeerId':
      return beginOnConnections(world, fault);
    case 'gradientFlip':
    case 'gradientNonFinite':
    case 'lieSlice':
    case 'lieUpdate':
    case 'equivocate':
    case 'stale':
    case 'forgeOwner':
    case 'wrongLanguage':
    case 'withhold':
    case 'parameterFlip':
    case 'optimizerFlip':
    case 'stateFlip':
    case 'flood':
      return all(nodes, (node) => harm(world, node, fault, id));
    default:
      return beginOnLinks(world, fault, id);
  }
}

function all(nodes: readonly SimNode[], begin: (node: SimNode) => Heal): Heal {
  const heals = nodes.map(begin);
  return () => {
    for (const heal of heals) heal();
  };
}

function crash(world: World, node: SimNode, { args, durationMs }: FaultOf<'crash'>): Heal {
  node.downs++;
  if (durationMs === null) node.isGone = true;
  if (node.running !== null) world.endProcess(node.running, { kind: 'killed', power: args.power });
  if (args.disk === 'wiped') node.disk.wipe();
  if (args.disk === 'older') makeOlder(node.disk);
  return () => {
    node.downs--;
    if (node.isMember) world.startProcess(node);
  };
}

type NodeFault = FaultOf<
  | 'pause'
  | 'slow'
  | 'stragglers'
  | 'outOfMemory'
  | 'crashInWrite'
  | 'drift'
  | 'clockStep'
  | 'clockNoise'
>;

function beginOnNode(world: World, node: SimNode, fault: NodeFault, id: number): Heal {
  const { clock } = world;
  switch (fault.fault) {
    case 'pause':
      node.pauses++;
      return () => {
        node.pauses--;
        node.running?.wake();
      };
    case 'slow': {
      node.slowFactors.push(fault.args.factor);
      node.running?.changeSpeed();
      return () => {
        node.slowFactors.splice(node.slowFactors.indexOf(fault.args.factor), 1);
        node.running?.changeSpeed();
      };
    }
    case 'stragglers':
      node.stragglers.push({ id, fault });
      return () => {
        node.stragglers = node.stragglers.filter((active) => active.id !== id);
      };
    case 'outOfMemory':
      node.valuesMax = fault.args.values;
      return () => {
        node.valuesMax = Number.POSITIVE_INFINITY;
      };
    case 'crashInWrite':
      node.crashInWrite = fault.args;
      return () => {
        node.crashInWrite = null;
      };
    case 'drift':
      node.clock.setRate(clock.nowMs, fault.args.factor);
      return () => node.clock.setRate(clock.nowMs, 1);
    case 'clockStep':
      node.clock.stepBy(fault.args.byMs);
      return NOTHING;
    case 'clockNoise':
      node.clock.noiseMs = fault.args.upToMs;
      return () => {
        node.clock.noiseMs = 0;
      };
  }
}

type DiskFault = FaultOf<
  | 'diskError'
  | 'diskFull'
  | 'diskSlow'
  | 'shortRead'
  | 'rot'
  | 'tornWrite'
  | 'misdirected'
  | 'lyingSync'
  | 'lostRename'
>;

function beginOnDisk({ disk }: SimNode, fault: DiskFault): Heal {
  const { conditions } = disk;
  const before = { ...conditions };
  switch (fault.fault) {
    case 'diskError':
      if (fault.args.operation !== 'write') conditions.readErrors = fault.args.share;
      if (fault.args.operation !== 'read') conditions.writeErrors = fault.args.share;
      break;
    case 'diskFull':
      conditions.isFull = true;
      break;
    case 'diskSlow':
      conditions.slowFactor = fault.args.factor;
      break;
    case 'shortRead':
      conditions.shortReads = fault.args.share;
      break;
    case 'rot':
      disk.rot(fault.args.share);
      return NOTHING;
    case 'tornWrite':
      conditions.tears = true;
      break;
    case 'misdirected':
      conditions.misdirected = fault.args.share;
      break;
    case 'lyingSync':
      conditions.syncLies = true;
      break;
    case 'lostRename':
      conditions.losesRenames = true;
      break;
  }
  const changed = Object.entries(conditions).filter(
    ([key, value]) => before[key as keyof typeof before] !== value,
  );
  const healthy = changed.map(([key]) => [key, key === 'slowFactor' ? 1 : resting(key)]);
  return () => Object.assign(conditions, Object.fromEntries(healthy));
}

/** What a condition is on a sound disk. */
function resting(key: string): number | boolean {
  return ['readErrors', 'writeErrors', 'shortReads', 'misdirected'].includes(key) ? 0 : false;
}

function harm(
  world: World,
  node: SimNode,
  fault:
    | Exclude<HarmFault, FaultOf<'sybil'>>
    | FaultOf<'parameterFlip' | 'optimizerFlip' | 'stateFlip' | 'flood'>,
  id: number,
): Heal {
  if (fault.fault !== 'flood' && fault.fault !== 'withhold') node.isHarmed = true;
  switch (fault.fault) {
    case 'parameterFlip':
      flipParameter(world, node, id);
      return NOTHING;
    case 'optimizerFlip':
      flipOptimizer(world, node, id);
      return NOTHING;
    case 'stateFlip':
      flipState(world, node, id);
      return NOTHING;
    case 'flood':
      return flood(world, node, fault.args.perS);
    case 'forgeOwner':
      forgeUpdates(world, node);
      return NOTHING;
    default:
      node.harms.push({ id, fault });
      return () => {
        node.harms = node.harms.filter((active) => active.id !== id);
      };
  }
}
