/**
 * Jobs: what a config means once model and text are read, one node of it in this process, and the
 * folder that its results go to.
 *
 * @example
 * const job = await openJob(await loadConfig('my.yaml'));
 * const { root } = await runMember({ job, name: 'kestrel', nodes: 2, ...options }, host, signal);
 */
export { buildReport, type RunEnd } from './build-report.ts';
export {
  modelFilesOf,
  namedCheckpoint,
  newestOfRun,
  stateFolders,
} from './find-checkpoint.ts';
export {
  type MemberFacts,
  type MemberHost,
  type MemberOptions,
  type MemberResult,
  type MemberShare,
  runMember,
} from './member.ts';
export { baselineOf, type Job, openJob } from './open-job.ts';
export { chooseRunFolder, RunFolder } from './run-folder.ts';
export { openScorer, type Scorer } from './scores.ts';
export { type LoggedStep, stepReport } from './step-report.ts';
export { Tally } from './tally.ts';
