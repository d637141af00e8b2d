/** `isogloss node`: one node of a run on several machines, in this process. */
export { runNode } from './run-node.ts';
