/**
 * Jobs: what a config means once model and text are read, one node of it in this process, and the
 * folder that its results go to.
 *
 * @example
 * const job = await openJob(await loadConfig('my.yaml'));
 * const { root } = await runMember({ job, name: 'kestrel', nodes: 2, ...options }, host, signal);
 */
export { Assembly } from './assembly.ts';
export type { NodeEvent } from './events.ts';
export {
  modelFilesOf,
  namedCheckpoint,
  newestOfRun,
  stateFolders,
} from './find-checkpoint.ts';
export { groupsOf } from './groups.ts';
export {
  type MemberFacts,
  type MemberHost,
  type MemberOptions,
  type MemberResult,
  type MemberShare,
  runMember,
} from './member.ts';
export { nodeName } from './names.ts';
export { baselineOf, type Job, openJob } from './open-job.ts';
export { oracleRunOf } from './oracle-run.ts';
export { chooseRunFolder, newestRun } from './run-folder.ts';
export { RunRecord, type RunRecordOptions, type Trained } from './run-record.ts';
export { openRunCompute, openScorer, type Scorer } from './scores.ts';
export type { LoggedStep } from './step-report.ts';
