/** One bucket that this node takes on: how far it is, and how long its value is waited for. */
import type { Hash } from '../../protocol/hashes.ts';
import type { MessageOf, WantedName } from '../../protocol/messages.ts';
import type { Context } from './context.ts';
import { HEARTBEAT_MS } from './view.ts';

/** A step moves many values: after so many of them a whole one is asked of the next holder. */
const WHOLE_WAIT_STEPS = 3;
/** While no step was measured: this node looks at what it lacks at each heartbeat. */
const UNMEASURED_MS = 2 * HEARTBEAT_MS;
/** Each ask in vain doubles the wait, so many times. */
const DOUBLINGS_MAX = 3;
/** The wait at most: a holder that is slow is not asked without end. */
const WAIT_MAX_MS = 30_000;

/** A bucket that this node is taking on. */
export interface Fill {
  /** The step whose whole value is here; null while the first one is waited for. */
  at: number | null;
  /** Of the value made at a step that this node does not stand at yet: to be compared there. */
  made: Hash | null;
  /** The step whose whole value is being checked, and who brought it. */
  taking: { readonly step: number; readonly from: string } | null;
  /** The direction that is being followed. */
  following: MessageOf<'direction'> | null;
  /** When it was last asked for; null while it is to be asked for at once. */
  askedMs: number | null;
  asked: number;
  /** Asks for the whole value since one last came. */
  vain: number;
}

/** Of which nothing is here yet. */
export function newFill(): Fill {
  const nothing = { at: null, made: null, taking: null, following: null };
  return { ...nothing, askedMs: null, asked: 0, vain: 0 };
}

/** How long a whole value is waited for before the next holder is asked; `stepMs` 0: unmeasured. */
export function waitMs({ vain }: Pick<Fill, 'vain'>, stepMs: number): number {
  const baseMs = stepMs === 0 ? UNMEASURED_MS : WHOLE_WAIT_STEPS * stepMs;
  const doublings = Math.min(DOUBLINGS_MAX, vain - 1);
  return Math.min(WAIT_MAX_MS, Math.max(HEARTBEAT_MS, baseMs) * 2 ** doublings);
}

/** Values that are asked of one node. */
export interface Ask {
  readonly from: string;
  readonly step: number;
  readonly root: Hash;
  readonly names: WantedName[];
}

/** Holders that have come to a step. Among many nobody knows who has: all are asked. */
export function askable(
  { view, self }: Context,
  holders: readonly string[],
  step: number,
): string[] {
  const isThere = (id: string) => view.pace.isWide || (view.stepOf(id) ?? -1) >= step;
  return holders.filter((id) => id !== self && isThere(id));
}

/** Asks for them; all that is asked of one node about one step in one message. */
export function askFor(context: Context, asks: readonly (Ask | null)[]): void {
  const together = new Map<string, Ask>();
  for (const ask of asks) {
    if (ask === null) continue;
    const key = `${ask.step} ${ask.from}`;
    const names = [...(together.get(key)?.names ?? []), ...ask.names];
    together.set(key, { ...ask, names });
  }
  for (const { from, step, root, names } of together.values()) {
    context.send([from], { kind: 'want', step, root, names, compute: false });
  }
}
