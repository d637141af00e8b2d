/**
 * Chaos: real `isogloss node` processes over real libp2p, a schedule of faults carried out by
 * signals, restarts and a TCP proxy between every two nodes, and checkers on what the nodes report.
 * The one room of the simulator that is not pure.
 *
 * @example
 * ```ts
 * const witness = new Witness(await expectedOf(job));
 * const schedule = killSchedule({ seed: 1, nodes, everyMs: 15_000, untilMs: 600_000 });
 * const plan = { command, nodes, folder, seed: 1, schedule, note: console.error };
 * await carryOut(plan, witness, signal);
 * console.log(witness.violations, figuresOf(witness));
 * ```
 */
export { type CarriedOut, type ChaosPlan, carryOut } from './carry-out.ts';
export * from './errors.ts';
export {
  type Fault,
  type FaultOf,
  parseSchedule,
  readSchedule,
  type Schedule,
} from './faults.ts';
export { type ChaosFigures, figuresOf, type Quantiles, quantiles } from './figures.ts';
export { type KillOptions, killSchedule, RESTART_MS } from './kills.ts';
export { type Expected, Witness } from './witness.ts';
