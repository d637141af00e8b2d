/**
 * Who is here, who is missing since when and why, and what is being recovered: a running node says
 * so to whoever asks on its machine.
 *
 * ```ts
 * import { askRun, mergeStatus, statusLines } from './node/cli/status/index.ts';
 *
 * const status = mergeStatus(await askRun('runs/1'));
 * for (const line of statusLines(status, new Date())) console.log(line);
 * ```
 */
export { describeRunning } from './describe.ts';
export { type NodeStatus, nodeStatusSchema, STATUS_FORMAT } from './document.ts';
export { type Asked, askRun, type FoundNode, findNodes, type Unanswered } from './find.ts';
export { leaveRun } from './leave.ts';
export { mergeStatus, type NodeRow, type RunStatus } from './merge.ts';
export { type OwnFacts, OwnStatus } from './own.ts';
export { PeerLog } from './peers.ts';
export { cameToEnd } from './run-end.ts';
export { type AskedWord, askNode, type StatusServer, serveStatus, socketPath } from './socket.ts';
export { statusLines } from './text.ts';
