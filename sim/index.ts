/**
 * The simulator: real actors on virtual time, and the oracle that they must agree with bit for bit.
 */
export {
  Cluster,
  type ClusterCheckpoint,
  type ClusterGradient,
  type ClusterOptions,
  type Weather,
} from './cluster.ts';
export {
  type OracleRun,
  type OracleStart,
  type OracleStep,
  type OracleUnit,
  oracleSteps,
  runOracle,
} from './oracle.ts';
export { type KeptBucket, oracleStart } from './oracle-start.ts';
export { TINY_PARAMETERS, tinyGradient, tinyTokens, tinyValues } from './tiny-model.ts';
