/** How faults of links and connections begin, and are healed. */
import type { ActiveFault, LinkFault } from '../network/index.ts';
import type { World } from '../world.ts';
import type { Fault, FaultOf } from './faults.ts';

type Heal = () => void;
const NOTHING: Heal = () => {};

/** The directed pairs that a fault of links is about. */
function pairsOf(world: World, fault: Exclude<Fault, FaultOf<'partition'>>): [number, number][] {
  const { peers, oneWay } = fault.args as { peers: string[]; oneWay: boolean };
  const others = peers.length > 0 ? peers.map((name) => world.node(name)) : world.nodes;
  const pairs = new Map<number, [number, number]>();
  const add = (from: number, to: number) =>
    pairs.set(world.network.connections.linkOf(from, to), [from, to]);
  for (const name of fault.nodes) {
    const { index } = world.node(name);
    for (const peer of others) {
      if (peer.index === index) continue;
      add(index, peer.index);
      if (!oneWay) add(peer.index, index);
    }
  }
  return [...pairs.values()];
}

export function beginOnLinks(world: World, fault: LinkFault, id: number): Heal {
  const { conditions, connections } = world.network;
  const links = pairsOf(world, fault).map(([from, to]) => connections.linkOf(from, to));
  const active: ActiveFault<LinkFault> = { id, fault };
  conditions.add(links, active);
  return () => conditions.remove(links, active);
}

type ConnectionFault = FaultOf<
  'partition' | 'clog' | 'flap' | 'reset' | 'halfOpen' | 'refuseDial' | 'wrongPeerId'
>;

export function beginOnConnections(world: World, fault: ConnectionFault): Heal {
  const { connections } = world.network;
  if (fault.fault === 'partition') return block(world, separated(world, fault));
  const pairs = pairsOf(world, fault);
  switch (fault.fault) {
    case 'clog':
      return block(world, pairs);
    case 'flap':
      return flap(world, pairs, fault.args.periodMs);
    case 'reset':
      for (const [a, b] of pairs) if (a < b) connections.close(connections.of(a, b));
      return NOTHING;
    case 'halfOpen':
      for (const name of fault.nodes) {
        const { index } = world.node(name);
        for (const [from, to] of pairs) if (from === index) connections.halfOpen(from, to);
      }
      return NOTHING;
    case 'wrongPeerId':
      for (const [from, to] of pairs) connections.misleadDials(from, to, 1);
      return () => {
        for (const [from, to] of pairs) connections.misleadDials(from, to, -1);
      };
    case 'refuseDial':
      for (const [a, b] of pairs) if (a < b) connections.refuseDials(a, b, 1);
      return () => {
        for (const [a, b] of pairs) if (a < b) connections.refuseDials(a, b, -1);
      };
  }
}

function separated(world: World, { args }: FaultOf<'partition'>): [number, number][] {
  const groups = args.groups.map((names) => new Set(names));
  const pairs: [number, number][] = [];
  for (const a of world.nodes) {
    for (const b of world.nodes) {
      const together = groups.some((group) => group.has(a.name) && group.has(b.name));
      if (a !== b && !together) pairs.push([a.index, b.index]);
    }
  }
  return pairs;
}

function block(world: World, pairs: readonly [number, number][]): Heal {
  const { connections } = world.network;
  for (const [from, to] of pairs) connections.block(from, to);
  return () => {
    for (const [from, to] of pairs) connections.unblock(from, to);
  };
}

function flap(world: World, pairs: readonly [number, number][], periodMs: number): Heal {
  let heal: Heal | null = block(world, pairs);
  let isOver = false;
  const turn = () => {
    if (isOver) return;
    if (heal === null) heal = block(world, pairs);
    else {
      heal();
      heal = null;
    }
    world.clock.after(periodMs / 2, turn);
  };
  world.clock.after(periodMs / 2, turn);
  return () => {
    isOver = true;
    heal?.();
  };
}
