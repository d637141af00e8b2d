/** From a failing trial to the smallest one. */
export { ddmin } from './ddmin.ts';
export { isSame, type ShrinkPorts, type Shrunk, shrink } from './shrink.ts';
