/**
 * Liars are found: where every node makes every value itself, whoever sends one of them something
 * else than it has made is refused, soon after the other has made the same.
 */
import type { Event } from '../../node/actor/index.ts';
import { type Claim, isClaim } from '../../protocol/claims.ts';
import type { Process } from '../process/index.ts';
import type { CheckContext, Checker } from './types.ts';

/** Memory is hashed again first, once for many questions; and some words come late. */
const FOUND_MS = 6_000;

/** What one process was told that is a lie, by whom. */
interface Told {
  readonly step: number;
  readonly event: Event;
  /** When it had both the lie and its own value; null before. */
  sinceMs: number | null;
}

/** One process, and what it knows of the others. */
class Listener {
  /** Who says that it makes all values itself, and so answers for each. */
  readonly vouching = new Set<string>();
  /** Whose streams it has closed. */
  readonly found = new Set<string>();
  readonly told = new Map<string, Told>();

  hear(from: string, event: Event & { kind: 'message' }): void {
    const { message } = event;
    if (message.kind !== 'digest') return;
    if (message.vouches) this.vouching.add(from);
    else this.vouching.delete(from);
  }
}

export const liarsAreFound: Checker = (context) => {
  const { scenario, schedule } = context.world;
  // Whoever lacks text goes by what others say.
  const isTextKept = scenario.at.some((at) => at !== null);
  const isMoved = schedule.some(({ fault }) => fault === 'missingShard');
  if (context.mode !== 'harmed' || scenario.auditRate < 1 || isTextKept || isMoved) return {};
  const listeners = new WeakMap<Process, Listener>();
  return {
    handled(running, event, effects) {
      if (running.node.isHarmed) return;
      const known = listeners.get(running);
      const listener = known ?? new Listener();
      if (known === undefined) listeners.set(running, listener);
      if (event.kind === 'message') {
        listener.hear(event.from, event);
        const { from, message } = event;
        if (isClaim(message)) note(context, running, listener, from, message, event);
      }
      for (const effect of effects) {
        if (effect.kind === 'clear') listener.told.clear();
        else if (effect.kind === 'disconnect') {
          listener.found.add(effect.peer);
          listener.told.delete(effect.peer);
        }
      }
      if (event.kind === 'timer') judge(context, running, listener);
    },
  };
};

function note(
  { world, roots }: CheckContext,
  { step }: Process,
  { vouching, found, told }: Listener,
  from: string,
  claim: Claim,
  event: Event,
): void {
  if (told.has(from) || found.has(from) || !vouching.has(from)) return;
  if (!world.node(from).perjury.isLie(claim)) return;
  // Of the step at hand or the next, made of what all have: the listener makes the same.
  const isOfUse = claim.step === step || claim.step === step + 1;
  if (!isOfUse || claim.root !== roots[claim.step]) return;
  told.set(from, { step: claim.step, event, sinceMs: null });
}

/** Whether something has been known for too long to be wrong. */
function judge(context: CheckContext, running: Process, { told }: Listener): void {
  const { nowMs } = context.world.clock;
  for (const [from, lie] of told) {
    if (running.step <= lie.step) continue;
    lie.sinceMs ??= nowMs;
    if (nowMs - lie.sinceMs <= FOUND_MS) continue;
    const { step, event } = lie;
    const text = `${running.node.name} has not refused ${from}, which lied to it of step ${step}`;
    context.report('liars are found', text, { running, event, step });
  }
}
