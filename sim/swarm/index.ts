/**
 * What a seed draws: cluster, run and faults.
 *
 * @example
 * const trial = drawTrial(42);
 * const outcome = await runTrial(trial);
 */
export { drawScenario } from './scenario.ts';
export { drawTrial } from './swarm.ts';
