/** Faults as data, and how they happen. */
export { beginFault } from './apply.ts';
export * from './faults.ts';
