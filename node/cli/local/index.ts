/**
 * `isogloss local`: nodes as processes of this machine, their checkpoints put together, their
 * result scored and reported.
 */
export { runLocal } from './launch.ts';
