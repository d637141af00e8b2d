/** Models that the simulator runs. */

export { analyticRun } from './analytic.ts';
export type { BulkPort, Parameters, SimModel, UnitName, UnitWork } from './model.ts';
export { type TinyRun, tinyRun } from './tiny.ts';
