/** Simulated machines and the processes on them. */
export { flipBit } from './harm.ts';
export { type HarmFault, NodeClock, SimNode } from './node.ts';
export type { ActorLike, Carried, ProcessEnd, Timing, Witness } from './ports.ts';
export { Process } from './process.ts';
export { type Difference, Statements } from './statements.ts';
