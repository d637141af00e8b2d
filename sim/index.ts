/**
 * The simulator: real actors on virtual time, under every fault that has a name, and the oracle
 * that they must agree with bit for bit. Pure: a seed is all there is to a run.
 *
 * @example
 * const { violation, traceHash } = await runTrial(drawTrial(42));
 */
export {
  CAPSULE_FORMAT,
  type Capsule,
  CapsuleError,
  capsuleOf,
  formatCapsule,
  parseCapsule,
  testOf,
  trialOf,
} from './capsule.ts';
export type { CheckerName, Violation } from './checkers/index.ts';
export { Cluster } from './cluster.ts';
export type {
  ClusterCheckpoint,
  ClusterGradient,
  ClusterOptions,
  Weather,
} from './cluster-types.ts';
export { MARKS, type Mark } from './marks.ts';
export { analyticRun } from './models/index.ts';
export {
  type OracleRun,
  type OracleStart,
  type OracleStep,
  type OracleUnit,
  oracleSteps,
  runOracle,
} from './oracle.ts';
export { type KeptBucket, oracleStart } from './oracle-start.ts';
export { type Mode, type Outcome, runTrial, type Trial, type TrialOptions } from './run.ts';
export { type Scenario, scenarioSchema } from './scenario.ts';
export {
  type Fault,
  type FaultDoc,
  faultDocs,
  faultText,
  type Schedule,
  scheduleSchema,
} from './schedule/faults.ts';
export { type Shrunk, shrink } from './shrink/index.ts';
export {
  addOutcome,
  addSummary,
  brokenBy,
  emptySummary,
  type Failure,
  recoveryQuantiles,
  type Summary,
  unhitMarks,
} from './summary.ts';
export { drawTrial } from './swarm/index.ts';
export { TINY_PARAMETERS, tinyGradient, tinyTokens, tinyValues } from './tiny-model.ts';
export { type Observer, World, type WorldEnd, type WorldOptions } from './world.ts';
