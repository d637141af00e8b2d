/** Faults of who takes part, and as whom: those who come, go, or come back as they should not. */
import type { Difference, SimNode } from '../process/index.ts';
import type { World } from '../world.ts';
import type { Fault, FaultOf } from './faults.ts';

type Heal = () => void;
const NOTHING: Heal = () => {};

/** A liar's machine is as fast as it takes to be ahead of everybody. */
const SYBIL_SLOWNESS = 0.05;

/** Ends what runs on a node; what it starts with is read when it starts again. */
export function startAgain(world: World, { running }: SimNode): void {
  if (running !== null) world.endProcess(running, { kind: 'killed', power: false });
}

/** A node finds out what text it has when it starts. */
export function loseText(world: World, node: SimNode, language: number): Heal {
  if (node.lacks.has(language)) return NOTHING;
  node.lacks.add(language);
  startAgain(world, node);
  return () => {
    node.lacks.delete(language);
    startAgain(world, node);
  };
}

/**
 * It differs from the run in something, from its next start on. Where that is for good it is tried
 * once, and nobody waits for it.
 */
export function differ(world: World, node: SimNode, what: Difference, { durationMs }: Fault): Heal {
  const isHere = node.running !== null;
  node.differences.push(what);
  if (durationMs === null) node.isGone = true;
  startAgain(world, node);
  if (durationMs === null && isHere) world.startProcess(node);
  return () => {
    node.differences.splice(node.differences.indexOf(what), 1);
    startAgain(world, node);
  };
}

export function leave(node: SimNode): void {
  if (node.running === null) node.isGone = true;
  else node.running.receive({ kind: 'leave' });
}

/** One of many identities: it stays until its person has had enough. */
export function pretend(world: World, node: SimNode, fault: FaultOf<'sybil'>, id: number): Heal {
  node.isSybil = true;
  // Whoever is kept out does no harm.
  node.isHarmed = world.scenario.allowList !== true;
  node.slowFactors.push(SYBIL_SLOWNESS);
  node.harms.push({ id, fault });
  world.join(node);
  return () => {
    node.isGone = true;
    startAgain(world, node);
  };
}
