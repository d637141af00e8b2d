/**
 * The simulator: real actors on virtual time, and the oracle that they must agree with bit for bit.
 */
export { Cluster } from './cluster.ts';
export type {
  ClusterCheckpoint,
  ClusterGradient,
  ClusterOptions,
  Weather,
} from './cluster-types.ts';
export { type OracleRun, type OracleStep, type OracleUnit, runOracle } from './oracle.ts';
export { TINY_PARAMETERS, tinyGradient, tinyTokens, tinyValues } from './tiny-model.ts';
