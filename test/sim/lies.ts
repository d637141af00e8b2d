/** What a liar may do, and a machine that computes wrongly, from some moment on. */
import type { Fault } from '../../sim/schedule/faults.ts';
import { fault } from './scenarios.ts';

/** By a title: what `liar` does from `atMs` (virtual) to the end of any test. */
export function liesOf(liar: string, atMs: number): readonly (readonly [string, Fault])[] {
  const [from, forMs, nodes] = [atMs, 100_000, [liar]];
  return [
    ['scales its sums', fault('lieSlice', from, forMs, nodes, { factor: 1.5 })],
    ['flips the sign of its sums', fault('lieSlice', from, forMs, nodes, { factor: -1 })],
    [
      'publishes parameters that are not the right ones',
      fault('lieUpdate', from, forMs, nodes, {}),
    ],
    ['tells half of its peers other values', fault('equivocate', from, forMs, nodes, {})],
    ['repeats what it said of the step before', fault('stale', from, forMs, nodes, {})],
    ['publishes updates of what it does not own', fault('forgeOwner', from, forMs, nodes, {})],
    ['files its sums under another language', fault('wrongLanguage', from, forMs, nodes, {})],
    ['computes slices with a wrong bit', fault('gradientFlip', from, forMs, nodes, { share: 1 })],
  ];
}
