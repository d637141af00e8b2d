/**
 * What is kept, and until when: at most two complete steps and one that is staged, sums and states
 * of no other steps, directions a little longer. Looked at in the numbers themselves, when a node
 * has come to a step and at each of its heartbeats.
 */
import type { Effect, Event } from '../../node/actor/index.ts';
import type { ValueKey } from '../../protocol/values.ts';
import type { Process } from '../process/index.ts';
import type { Checker } from './types.ts';

/** Complete steps besides the one that a node stands at. */
const BEFORE = 1;
/** A new holder catches up along directions: they are kept for so many steps more. */
const DIRECTIONS_BEFORE = BEFORE + 3;
/** In the names of what came before its step. */
const EARLY = ' from #';
/** What is being taken on follows no further behind: hashes of so many steps are remembered. */
const TAKEN_ON_BEFORE = 8;

/** What is known of one process. */
interface Watch {
  /** Whether it stands at a step, so that it knows what is of use. */
  stands: boolean;
  /** It has come to a step since it was last looked at. */
  isDue: boolean;
  /** A checkpoint was read whose event has yet to come. */
  isLoading: boolean;
  /** What is here of which the actor has yet to be told. */
  readonly untold: Set<ValueKey>;
  /** Steps whose checkpoint is being written. */
  readonly writing: Set<number>;
}

const sets = () => ({ untold: new Set<ValueKey>(), writing: new Set<number>() });

export const twoStepsAreKept: Checker = (context) => {
  const watches = new WeakMap<Process, Watch>();
  const watchOf = (running: Process): Watch => {
    let watch = watches.get(running);
    if (watch === undefined) {
      watch = { stands: false, isDue: false, isLoading: false, ...sets() };
      watches.set(running, watch);
    }
    return watch;
  };
  return {
    loaded(running) {
      watchOf(running).isLoading = true;
    },
    performed(running, effect) {
      if (effect.kind === 'file' || effect.kind === 'add') watchOf(running).untold.add(effect.key);
    },
    handled(running, event, effects) {
      const watch = watchOf(running);
      // What it holds is as the event before this one left it, but for a slice that it tells of.
      const isToCheck = (watch.isDue && event.kind !== 'slice') || isBeat(event);
      if (watch.stands && !watch.isLoading && isToCheck) {
        watch.isDue = false;
        const key = keptTooLong(running, watch, effects);
        if (key !== null) {
          const { node, step } = running;
          const text = `${node.name} stands at step ${step} and keeps ${key}`;
          context.report('two steps are kept', text, { running, event, step });
        }
      }
      note(watch, event, effects);
    },
  };
};

const isBeat = (event: Event) => event.kind === 'timer' && event.timer === 'heartbeat';

function note(watch: Watch, event: Event, effects: readonly Effect[]): void {
  if (event.kind === 'filed' || event.kind === 'added') watch.untold.delete(event.key);
  if (event.kind === 'loaded') watch.isLoading = false;
  if (event.kind === 'checkpointed') watch.writing.delete(event.step);
  for (const effect of effects) {
    if (effect.kind === 'clear') watch.stands = false;
    else if (effect.kind === 'stepped') {
      watch.stands = true;
      watch.isDue = true;
    } else if (effect.kind === 'checkpoint') watch.writing.add(effect.step);
  }
}

/** Something that is held of a step that is over, and that nobody can need any more. */
function keptTooLong(
  running: Process,
  { untold, writing }: Watch,
  effects: readonly Effect[],
): ValueKey | null {
  const { step } = running;
  for (const key of running.bulk.keys()) {
    const end = key.indexOf(' ');
    const kind = key.slice(0, end);
    const of = Number.parseInt(key.slice(end + 1), 10);
    const before = kind === 'direction' ? DIRECTIONS_BEFORE : BEFORE;
    const ahead = key.includes(EARLY) ? 2 : 1;
    if (of >= step - before && of <= step + ahead) continue;
    const isOfWhole = kind === 'value' || kind === 'state';
    if (isOfWhole && (writing.has(of) || isTakenOn(running, key, of))) continue;
    if (isOfWhole && waits(running, of, effects)) continue;
    if (untold.has(key)) continue;
    // What the actor has just given up to take on is about to go.
    if (effects.some((effect) => effect.kind === 'drop' && effect.keys.includes(key))) continue;
    return key;
  }
  return null;
}

/** Whether the checkpoint of a step waits for copies of buckets of others, or did until now. */
function waits({ actor }: Process, of: number, effects: readonly Effect[]): boolean {
  if (actor.status?.writing.includes(of)) return true;
  return effects.some(
    ({ kind, ...rest }) =>
      kind === 'clear' || (kind === 'checkpoint' && 'step' in rest && rest.step === of),
  );
}

/** Whether a value of an earlier step is where a bucket that is taken on has come to by now. */
function isTakenOn(running: Process, key: ValueKey, of: number): boolean {
  const { actor, ports, step } = running;
  if (of < step - TAKEN_ON_BEFORE || of > step + 1) return false;
  // Of an actor that says nothing of itself nothing can be known.
  if (actor.status === undefined) return true;
  const last = Number.parseInt(key.slice(key.lastIndexOf(' ') + 1), 10);
  const { groupOf } = ports.model;
  return actor.status.filling.some(
    (bucket) => last === (key.startsWith('state') ? groupOf[bucket] : bucket),
  );
}
