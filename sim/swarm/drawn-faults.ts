/** One fault of each kind, drawn: on whom, how long and how bad, within what a run survives. */
import type { Draws } from '../core/draws.ts';
import type { Fault, FaultName, FaultOf } from '../schedule/faults.ts';

/** What a fault is drawn for. */
export interface Ground {
  readonly draws: Draws;
  readonly nodes: readonly string[];
  readonly atMs: number;
  /** How long a step takes, about. */
  readonly stepMs: number;
}

type Maker = (ground: Ground) => Fault;

/** Some nodes, at least one. */
export function someNodes({ draws, nodes }: Ground): string[] {
  const count = draws.integer(1, Math.max(1, nodes.length >> 1));
  return draws.shuffled(nodes).slice(0, count);
}

/** Between a part of a step and several steps, up to some seconds more. */
export function drawnMs({ draws, stepMs }: Ground): number {
  return Math.round(draws.between(0.2, 5) * stepMs + draws.pick([0, 0, 500, 3000, 10_000]));
}

function timed<Name extends FaultName>(
  ground: Ground,
  fault: Name,
  args: FaultOf<Name>['args'],
): Fault {
  const { atMs } = ground;
  return { fault, atMs, durationMs: drawnMs(ground), nodes: someNodes(ground), args } as Fault;
}

function linked<Name extends FaultName>(
  ground: Ground,
  fault: Name,
  args: Omit<FaultOf<Name>['args'], 'peers' | 'oneWay'>,
): Fault {
  const { draws } = ground;
  const peers = draws.chance(0.5) ? [] : someNodes(ground);
  const link = { peers, oneWay: draws.chance(0.3) };
  return timed(ground, fault, { ...link, ...args } as unknown as FaultOf<Name>['args']);
}

const burst = (draws: Draws) => draws.pick([1, 1, 5, 20]);

export const networkMakers: Readonly<Record<string, Maker>> = {
  latency: (ground) => {
    const { draws } = ground;
    const addMs = draws.pick([10, 100, 1000]);
    return linked(ground, 'latency', { addMs, jitterMs: draws.pick([0, 100, 1000]) });
  },
  loss: (ground) => {
    const { draws } = ground;
    const args = { share: draws.between(0.01, 0.4), burst: burst(draws), againMs: 200 };
    return linked(ground, 'loss', args);
  },
  drop: (ground) => {
    const { draws } = ground;
    return linked(ground, 'drop', { share: draws.between(0.01, 0.3), burst: burst(draws) });
  },
  duplicate: (ground) => {
    const { draws } = ground;
    const args = { share: draws.between(0.05, 1), afterMs: draws.pick([1, 100, 5000]) };
    return linked(ground, 'duplicate', args);
  },
  replay: (ground) => {
    const { draws } = ground;
    const age = draws.pick([3, 30, 64]);
    return linked(ground, 'replay', { share: draws.between(0.05, 0.5), age });
  },
  reorder: (ground) => {
    const { draws } = ground;
    const args = { share: draws.between(0.05, 1), delayMs: draws.pick([10, 200, 3000]) };
    return linked(ground, 'reorder', args);
  },
  bandwidth: (ground) => {
    return linked(ground, 'bandwidth', { bytesPerS: ground.draws.pick([5e3, 2e4, 1e5]) });
  },
  queueCap: (ground) => {
    return linked(ground, 'queueCap', { bytes: ground.draws.pick([1000, 10_000]) });
  },
  clog: (ground) => linked(ground, 'clog', {}),
  flap: (ground) => linked(ground, 'flap', { periodMs: ground.draws.pick([50, 400, 4000]) }),
  reset: (ground) => linked(ground, 'reset', {}),
  halfOpen: (ground) => linked(ground, 'halfOpen', {}),
  slice: (ground) => linked(ground, 'slice', { bytes: ground.draws.pick([1, 7, 100]) }),
  truncate: (ground) => linked(ground, 'truncate', { share: ground.draws.between(0.001, 0.05) }),
  flip: (ground) => {
    const { draws } = ground;
    const part = draws.pick(['head', 'header', 'payload'] as const);
    return linked(ground, 'flip', { share: draws.between(0.001, 0.05), part });
  },
  payloadFlip: (ground) => {
    return linked(ground, 'payloadFlip', { share: ground.draws.between(0.01, 0.3) });
  },
  refuseDial: (ground) => linked(ground, 'refuseDial', {}),
  partition: (ground) => {
    const { draws, nodes, atMs } = ground;
    const groups = drawnGroups(draws, nodes);
    return {
      fault: 'partition',
      atMs,
      durationMs: drawnMs(ground),
      nodes: [],
      args: { groups },
    };
  },
};

/** Two halves, a node alone, a ring, or two halves with a bridge. */
export function drawnGroups(draws: Draws, nodes: readonly string[]): string[][] {
  const order = draws.shuffled(nodes);
  const half = Math.max(1, order.length >> 1);
  switch (draws.pick(['halves', 'alone', 'ring', 'bridge'])) {
    case 'alone':
      return [order.slice(1)];
    case 'ring':
      return order.map((name, i) => [name, order[(i + 1) % order.length]!]);
    case 'bridge':
      return [order.slice(0, half), order.slice(half - 1)];
    default:
      return [order.slice(0, half), order.slice(half)];
  }
}

/** A random half of the links of one node clogged one by one, and opened in another order. */
export function swizzle(ground: Ground): Fault[] {
  const { draws, nodes, atMs, stepMs } = ground;
  const [center, ...others] = draws.shuffled(nodes);
  const half = others.slice(0, Math.max(1, others.length >> 1));
  return half.map((peer) => {
    const delayMs = Math.round(draws.between(0, 2) * stepMs);
    const args = { peers: [peer], oneWay: draws.chance(0.5) };
    const durationMs = drawnMs(ground);
    return { fault: 'clog', atMs: atMs + delayMs, durationMs, nodes: [center!], args };
  });
}

export const clockMakers: Readonly<Record<string, Maker>> = {
  drift: (ground) => timed(ground, 'drift', { factor: ground.draws.pick([0.9, 0.99, 1.01, 1.2]) }),
  clockStep: (ground) => timed(ground, 'clockStep', { byMs: ground.draws.pick([500, 5000, 1e6]) }),
  clockNoise: (ground) => timed(ground, 'clockNoise', { upToMs: ground.draws.pick([5, 200]) }),
};

export const diskMakers: Readonly<Record<string, Maker>> = {
  diskError: (ground) => {
    const { draws } = ground;
    const operation = draws.pick(['read', 'write', 'both'] as const);
    return timed(ground, 'diskError', { operation, share: draws.pick([0.1, 0.5, 1]) });
  },
  diskFull: (ground) => timed(ground, 'diskFull', {}),
  diskSlow: (ground) => timed(ground, 'diskSlow', { factor: ground.draws.pick([10, 1000]) }),
  shortRead: (ground) => timed(ground, 'shortRead', { share: ground.draws.pick([0.3, 1]) }),
  rot: (ground) => timed(ground, 'rot', { share: ground.draws.pick([0.2, 1]) }),
  tornWrite: (ground) => timed(ground, 'tornWrite', {}),
  misdirected: (ground) => timed(ground, 'misdirected', { share: ground.draws.pick([0.2, 1]) }),
  lyingSync: (ground) => timed(ground, 'lyingSync', {}),
  lostRename: (ground) => timed(ground, 'lostRename', {}),
};

/** Faults of a process that lose nothing. */
export const slowMakers: Readonly<Record<string, Maker>> = {
  pause: (ground) => timed(ground, 'pause', {}),
  slow: (ground) => timed(ground, 'slow', { factor: ground.draws.pick([2, 10, 100]) }),
  stragglers: (ground) => {
    const { draws } = ground;
    const args = { share: draws.between(0.05, 0.5), factor: draws.pick([5, 50]) };
    return timed(ground, 'stragglers', args);
  },
};
