/**
 * The actor: what a node does, as a pure synchronous transition.
 *
 * @example
 * const actor = new Actor(options);
 * for (const effect of actor.receive({ kind: 'start', nowMs: 0, beginning })) carryOut(effect);
 */
export { Actor } from './actor.ts';
export { directionKey, sliceKey, stateKey, valueKey, wholeOf } from './keys.ts';
export type * from './status.ts';
export type * from './types.ts';
