/** What faults do to a frame on its way: whether it leaves at all, and how much later it comes. */
import { drawShare } from '../core/draws.ts';
import type { ActiveFault, LinkConditions, LinkFault } from './conditions.ts';
import { type FrameUse, hitsBurst } from './damage.ts';

/** A packet is sent again at most so often before it passes. */
const REPETITIONS_MAX = 8;

export function isDropped(conditions: LinkConditions, use: FrameUse): boolean {
  return conditions.faults.some(
    (active) => active.fault.fault === 'drop' && hitsBurst(active as ActiveFault<DropFault>, use),
  );
}

type DropFault = Extract<LinkFault, { fault: 'drop' }>;
type LossFault = Extract<LinkFault, { fault: 'loss' }>;

/** What faults add to a frame's way. */
export function extraMs(conditions: LinkConditions, use: FrameUse): number {
  let ms = 0;
  for (const active of conditions.faults) {
    const { fault, id } = active;
    if (fault.fault === 'latency') {
      ms +=
        fault.args.addMs + fault.args.jitterMs * drawShare(use.key, id, use.link, use.number, 2);
    }
    if (fault.fault !== 'loss') continue;
    const loss = { id, fault } as ActiveFault<LossFault>;
    for (let i = 0; i < REPETITIONS_MAX && hitsBurst(loss, use, i); i++) {
      ms += fault.args.againMs * 2 ** i;
    }
  }
  return ms;
}
