/**
 * Wants: whatever a node keeps asking for, somebody alive has it or can make it, or the node says
 * that values are lost; and nobody asks without a pause, or for more than there is.
 */
import type { Event, Status } from '../../node/actor/index.ts';
import type { Message, WantedName } from '../../protocol/messages.ts';
import type { Process } from '../process/index.ts';
import type { Checker } from './types.ts';

/**
 * A node may need so long to find out that nobody is left who has something: silences are judged by
 * the habits of the silent, and what is lost is said a little later.
 */
const UNMET_MS = 60_000;
/** Deadlines are at least 500 ms apart on a clock that may run twice as fast. */
const ASK_MS_MIN = 250;
/** A node may begin to gather, and choose another goal, a few times running. */
const ASKS_AT_ONCE = 8;
/** Buckets that a node takes on at once. */
const FILLS = 2;

type Want = Extract<Message, { kind: 'want' }>;

export const wantsCanBeMet: Checker = (context) => {
  const running = new Set<Process>();
  /** By process and name: since when nobody has had what it asks for. */
  const unmet = new WeakMap<Process, Map<string, number>>();
  return {
    started: (one) => void running.add(one),
    ended: (one) => void running.delete(one),
    sent(asker, message) {
      if (message.kind !== 'want' || context.hasHarm) return;
      const { nowMs } = context.world.clock;
      const before = unmet.get(asker) ?? new Map<string, number>();
      for (const name of message.names) {
        const key = nameText(name);
        if (isMet(name, message, running)) before.delete(key);
        else if (!before.has(key)) before.set(key, nowMs);
        else if (nowMs - before.get(key)! > UNMET_MS && !saysWhy(asker.actor.status)) {
          const waitedS = Math.round((nowMs - before.get(key)!) / 1000);
          const text = `${asker.node.name} wants ${key}, which nobody has had for ${waitedS} s`;
          const { step, bucket } = name;
          context.report('wants can be met', text, { running: asker, step, bucket });
        }
      }
      unmet.set(asker, before);
    },
    handled(one, _event, effects) {
      // What it asks for at another step is another matter.
      if (effects.some(({ kind }) => kind === 'stepped' || kind === 'clear')) unmet.delete(one);
    },
  };
};

function nameText(name: WantedName): string {
  if (name.kind !== 'sum') return `${name.kind} ${name.step} ${name.bucket}`;
  const { step, language, level, index, bucket } = name;
  return `sum ${step} ${language}.${level}:${index} ${bucket}`;
}

/** Whether somebody alive, the asker included, has a value or can make it. */
function isMet(name: WantedName, want: Want, running: ReadonlySet<Process>): boolean {
  return [...running].some(({ actor: { status } }) => {
    // Of an actor that says nothing of itself nothing can be known.
    return status === undefined || canBring(status, name, want);
  });
}

function canBring(status: Status, { kind, step, bucket }: WantedName, { step: at }: Want): boolean {
  const { held, filling } = status;
  const isAt = status.complete && status.step === at;
  // A holder that is behind comes there, and can make it then.
  const isHolder = status.complete && status.step <= at && held.includes(bucket);
  switch (kind) {
    // Whoever stands at the step can compute the unit; whoever has passed it may remember.
    case 'sum':
      return isAt || (status.complete && status.step === at + 1);
    case 'value': {
      const isMade = status.complete ? status.step >= step : isStaged(status, step, bucket);
      if (isMade || step !== at + 1) return isMade;
      return isHolder || (isAt && isStaged(status, step, bucket));
    }
    case 'whole':
    case 'gram':
    case 'norm':
    case 'direction':
      return (
        isHolder ||
        (status.complete && status.step === step && filling.includes(bucket)) ||
        (status.complete && status.step === step + 1)
      );
  }
}

/** Whether a node has the next value of a bucket, or is gathering it and has this part. */
function isStaged({ step, missing }: Status, next: number, bucket: number): boolean {
  return step === next - 1 && !missing.updates.includes(bucket);
}

/** Whether a node shows a legal reason to wait: values are lost, or it is about to go elsewhere. */
function saysWhy(status: Status | undefined): boolean {
  return status === undefined || status.rewind !== null || status.phase === 'loading';
}

/** What a process may still ask for without a pause. */
interface Allowance {
  asks: number;
  sinceMs: number;
}

export const wantsAreBounded: Checker = (context) => {
  const allowances = new WeakMap<Process, Allowance>();
  return {
    handled(running, event, effects) {
      const wants = effects.flatMap((effect) =>
        effect.kind === 'send' && effect.message.kind === 'want' ? [effect.message] : [],
      );
      if (wants.length === 0) return;
      const report = (text: string) =>
        context.report('wants are bounded', `${running.node.name} ${text}`, { running, event });
      const peers = context.world.nodes.length - 1;
      // A deadline may be the moment at which it begins to gather, and asks once more.
      if (wants.length > 2 * peers + FILLS) report(`sends ${wants.length} wants to ${peers} peers`);
      const twice = repeated(wants);
      if (twice !== null) report(`wants ${twice} twice of one peer`);
      if (!isAsking(event, wants)) return;
      const { nowMs } = context.world.clock;
      const before = allowances.get(running) ?? { asks: ASKS_AT_ONCE, sinceMs: nowMs };
      const earned = (nowMs - before.sinceMs) / ASK_MS_MIN;
      const asks = Math.min(ASKS_AT_ONCE, before.asks + earned) - 1;
      allowances.set(running, { asks, sinceMs: nowMs });
      if (asks < 0) report(`asks more than ${ASKS_AT_ONCE} times within ${ASK_MS_MIN} ms each`);
    },
  };
};

/** Whether an event makes a node ask for what is late; taking on a bucket follows other events. */
function isAsking(event: Event, wants: readonly Want[]): boolean {
  if (event.kind === 'timer') return event.timer === 'deadline';
  return wants.some(({ names }) => names.some(({ kind }) => kind === 'value' || kind === 'sum'));
}

/** A name that one message has twice. */
function repeated(wants: readonly Want[]): string | null {
  for (const { names } of wants) {
    const keys = new Set<string>();
    for (const name of names) {
      const key = nameText(name);
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return null;
}
