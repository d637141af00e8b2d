/**
 * Every holder can go on alone: a value comes to be known, or its makers move on to it, only once
 * each living holder that they do not suspect stands at the step that it was made from; and nobody
 * lets go of the parameters that it stands at, nor of a bucket that too few others have said they
 * have. Together these keep a bucket from being stranded (design, sections 5 and 6).
 */
import { type Effect, type Event, valueKey } from '../../node/actor/index.ts';
import { hasBucket } from '../../protocol/bucket-set.ts';
import type { Standing } from '../../protocol/messages.ts';
import { listSteps } from '../disk/index.ts';
import type { Process, SimNode } from '../process/index.ts';
import type { CheckContext, Checker } from './types.ts';

export const everyHolderCanGoOn: Checker = (context) => {
  const running = new Set<Process>();
  /** Values that may be known, by key, and their steps. */
  const known = new Map<string, number>();
  /** Of these: what nobody has any more, unless a frame that is under way brings it. */
  const lost = new Set<string>();
  const words = new Words();
  /** A living holder that has yet to reach a step, as far as `node` can know. */
  const laggard = (node: Process, step: number, bucket: number) =>
    [...running].find((one) => one !== node && isBehind(words, node, one, step, bucket));
  /** Made here while nobody who counts was behind: whoever is taken for gone does not. */
  const made = (node: Process, step: number, bucket: number) => {
    const name = valueKey(step + 1, bucket);
    if (lost.delete(name)) known.delete(name);
    if (known.has(name) || laggard(node, step, bucket) !== undefined) return;
    known.set(name, step + 1);
  };
  const use = (how: string, node: Process, step: number, bucket: number, event: Event) => {
    const name = valueKey(step + 1, bucket);
    if (known.has(name)) return;
    known.set(name, step + 1);
    const holder = laggard(node, step, bucket);
    if (holder === undefined) return;
    const text =
      `${node.node.name} ${how} value ${step + 1} of bucket ${bucket} while its holder ` +
      `${holder.node.name} stands at step ${holder.step}`;
    context.report('every holder can go on', text, { running: node, step, bucket, event });
  };
  /** Whoever moves on lets the others fall behind with what it holds, told or not. */
  const moveOn = (node: Process, step: number, event: Event) => {
    if (node.step < 0 || node.step >= step) return;
    for (const b of node.actor.status?.held ?? []) use('moves on to', node, step - 1, b, event);
  };
  return {
    started: (one) => void running.add(one),
    ended: (one) => void running.delete(one),
    handled(node, event, effects) {
      if (context.hasHarm) return;
      words.hear(node, event);
      if (event.kind === 'updated') made(node, event.step, event.bucket);
      if (event.kind === 'loaded') {
        // What a disk has was made, and may have been told, by those who are gone.
        const { step, values } = event.loaded;
        for (let b = 0; b < values.length; b++) if (values[b]) known.set(valueKey(step, b), step);
      }
      for (const effect of effects) {
        if (effect.kind === 'load') noteLost(known, lost, context.world.nodes);
        if (effect.kind === 'unhold') checkUnhold(context, words, node, effect, event);
        if (effect.kind === 'keep') made(node, effect.step, effect.bucket);
        if (effect.kind === 'stepped') moveOn(node, effect.step, event);
        if (effect.kind !== 'send' || effect.message.kind !== 'update') continue;
        use('tells', node, effect.message.step, effect.message.bucket, event);
      }
    },
    performed(one, effect, _result, event) {
      if (effect.kind === 'drop') checkDrop(context, one, effect, event);
    },
  };
};

/** What each process has heard of the others. */
class Words {
  readonly #words = new WeakMap<Process, Map<string, Standing>>();

  hear(node: Process, event: Event): void {
    if (event.kind !== 'message' || event.message.kind !== 'digest') return;
    const heard = this.#words.get(node) ?? new Map<string, Standing>();
    this.#words.set(node, heard);
    for (const { id, standing } of event.message.about) note(heard, id, standing);
    note(heard, event.from, event.message.standing);
  }

  of(node: Process, id: string): Standing | undefined {
    return this.#words.get(node)?.get(id);
  }
}

/** Keeps the newest word of each node. */
function note(heard: Map<string, Standing>, id: string, standing: Standing): void {
  const before = heard.get(id);
  const isOlder =
    before !== undefined &&
    (before.incarnation > standing.incarnation ||
      (before.incarnation === standing.incarnation && before.beat >= standing.beat));
  if (!isOlder) heard.set(id, standing);
}

/** Whether a node that holds a bucket, and is not suspected, does not stand at a step yet. */
function isBehind(words: Words, node: Process, one: Process, step: number, bucket: number) {
  if (one.step >= step) return false;
  // Of whoever has not said that it has the bucket nobody can know.
  const word = words.of(node, one.node.name);
  if (word?.incarnation !== one.incarnation || !hasBucket(word.has, bucket)) return false;
  // It has gone back since, and its word of that has yet to come.
  if (word.complete && word.step >= step) return false;
  const status = one.actor.status;
  if (status === undefined || status.phase !== 'working' || !status.complete) return false;
  if (status.step >= step || !status.held.includes(bucket)) return false;
  const view = node.actor.status?.others ?? [];
  return view.find(({ id }) => id === one.node.name)?.alive === true;
}

/** What nobody has any more, in memory or on disk, is told once more when it was made once more. */
function noteLost(known: Map<string, number>, lost: Set<string>, nodes: readonly SimNode[]): void {
  const steps = nodes.flatMap(({ running, disk }) => [
    running?.step ?? 0,
    ...listSteps(disk).map(({ step }) => step),
  ]);
  const newest = Math.max(...steps) + 1;
  for (const [name, at] of known) if (at > newest) lost.add(name);
}

type Drop = Extract<Effect, { kind: 'drop' }>;

function checkDrop(context: CheckContext, running: Process, { keys }: Drop, event: Event): void {
  // Copies that came from others have more to their names.
  const own = new RegExp(`^value ${running.step} \\d+$`);
  const lost = keys.find((key) => own.test(key));
  if (lost === undefined) return;
  const status = running.actor.status;
  if (status === undefined || !status.complete || status.step !== running.step) return;
  const text = `${running.node.name} stands at step ${running.step} and drops ${lost}`;
  context.report('every holder can go on', text, { running, step: running.step, event });
}

type Unhold = Extract<Effect, { kind: 'unhold' }>;

/** A bucket that a node works with and holds no longer is with as many others as can be. */
function checkUnhold(
  context: CheckContext,
  words: Words,
  running: Process,
  { step, bucket }: Unhold,
  event: Event,
): void {
  const status = running.actor.status;
  // Of the base everybody has all; what is made ahead of a step and is wrong was never held.
  if (step === 0 || status === undefined || !status.complete || status.step !== step) return;
  if (status.filling.includes(bucket)) return;
  let able = 0;
  let having = 0;
  for (const { id, alive, finished } of status.others) {
    const word = alive ? words.of(running, id) : undefined;
    if (word?.complete !== true || word.step < step - 1) continue;
    // Who has finished takes no more shares, and keeps what it has.
    const isActive = word.activeFrom !== null && word.activeFrom <= step;
    if (isActive && !word.leaving && !finished) able++;
    if (hasBucket(word.has, bucket)) having++;
  }
  const expected = Math.min(context.world.model.actor.redundancy, able);
  if (having >= expected) return;
  const text =
    `${running.node.name} lets go of bucket ${bucket}, which ${having} others have, ` +
    `expected ${expected}`;
  context.report('every holder can go on', text, { running, step, bucket, event });
}
