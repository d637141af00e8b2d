/**
 * Stories: faults that do harm only one after another, and would hardly ever be drawn so apart. A
 * few seeds that may lose everything have one beside what else they draw.
 */
import { Draws } from '../core/draws.ts';
import type { Scenario } from '../scenario.ts';
import type { Fault } from '../schedule/faults.ts';
import { drawnMs, type Ground } from './drawn-faults.ts';

const CHANCE = 0.5;
/** Until all have heard of each other. */
const START_MS = 1_500;

type Story = (ground: Ground) => Fault[];

const STORIES = {
  /** Disks are damaged, and then all machines must read them. */
  wornDisks(ground: Ground): Fault[] {
    const { draws, nodes, atMs } = ground;
    const on = { atMs, durationMs: 60_000, nodes: draws.chance(0.5) ? [...nodes] : [nodes[0]!] };
    const cut = crashOf([...nodes], after(ground, atMs), ground);
    // While the machines are down, so that no sound checkpoint comes after it.
    const rot = { ...on, atMs: cut.atMs + 1, fault: 'rot' } as const;
    const damage = draws.pick<Fault>([
      { ...rot, args: { share: 0.3 } },
      { ...rot, args: { share: 0.6 } },
      { ...on, fault: 'shortRead', args: { share: 0.4 } },
      { ...on, fault: 'tornWrite', args: {} },
      { ...on, fault: 'misdirected', args: { share: 0.3 } },
      { ...on, fault: 'lyingSync', args: {} },
      { ...on, fault: 'lostRename', args: {} },
    ]);
    return [damage, cut];
  },
  /** All machines lose power at once, somewhere in the writing of a checkpoint. */
  powerCut(ground: Ground): Fault[] {
    return [crashOf([...ground.nodes], ground.atMs, ground)];
  },
  /** A node comes back with nothing, and what it is given is damaged on the way. */
  damagedGifts(ground: Ground): Fault[] {
    const { draws, nodes, atMs } = ground;
    const [victim] = draws.shuffled(nodes);
    const power = draws.chance(0.5);
    const durationMs = Math.round(draws.between(100, 5_000));
    const args = { power, disk: 'wiped' } as const;
    const flips = { peers: [], oneWay: false, share: draws.between(0.05, 0.5) };
    return [
      { fault: 'crash', atMs, durationMs, nodes: [victim!], args },
      { fault: 'payloadFlip', atMs, durationMs: 40_000, nodes: [victim!], args: flips },
    ];
  },
  /** A holder falls behind while frames are lost, and another dies. */
  lateHolder(ground: Ground): Fault[] {
    const { draws, nodes, atMs } = ground;
    const [late, victim] = draws.shuffled(nodes);
    const lost = { peers: [], oneWay: false, share: draws.between(0.1, 0.5), burst: 1 };
    const durationMs = Math.round(draws.between(2, 20) * ground.stepMs);
    return [
      { fault: 'drop', atMs, durationMs, nodes: [late!], args: lost },
      crashOf([victim ?? late!], after(ground, atMs), ground),
    ];
  },
} satisfies Readonly<Record<string, Story>>;

/** What is damaged is seldom read: that story is told more often. */
const TOLD: readonly (keyof typeof STORIES)[] = [
  ...(['wornDisks', 'wornDisks', 'powerCut', 'damagedGifts', 'lateHolder'] as const),
];

function after({ draws, stepMs }: Ground, atMs: number): number {
  return atMs + Math.round(draws.between(0.5, 4) * stepMs);
}

function crashOf(nodes: string[], atMs: number, ground: Ground): Fault {
  const power = ground.draws.chance(0.7);
  return {
    fault: 'crash',
    atMs,
    durationMs: drawnMs(ground),
    nodes,
    args: { power, disk: 'kept' },
  };
}

/** Whether a seed has a story; most have none. */
export function hasStory(seed: number): boolean {
  return new Draws(seed, 'story').chance(CHANCE);
}

/** The run of a seed with a story: long enough for one thing after another, with checkpoints. */
export function storyScenario(seed: number, drawn: Scenario): Scenario {
  const draws = new Draws(seed, 'story scenario');
  return {
    ...drawn,
    steps: draws.integer(10, 18),
    checkpointEverySteps: draws.pick([1, 2, 3]),
    timing: { ...drawn.timing, computeMs: 200, computeSpread: 'constant' },
  };
}

/** What happens in it. */
export function drawnStory(seed: number, { nodes, steps }: Scenario, stepMs: number): Fault[] {
  const draws = new Draws(seed, 'story faults');
  const atMs = Math.round(START_MS + draws.between(0.1, 0.6) * steps * stepMs);
  return STORIES[draws.pick(TOLD)]({ draws, nodes, stepMs, atMs });
}
