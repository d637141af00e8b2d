/**
 * No rewind comes while each bucket has a holder that has lived all along: losing fewer processes
 * than hold a bucket must never cost a step. And no loss costs it more than once.
 */

import type { BulkEvent } from '../../node/actor/index.ts';
import type { Carried, Process } from '../process/index.ts';
import type { FaultName } from '../schedule/faults.ts';
import type { World } from '../world.ts';
import type { Checker } from './types.ts';

/** Faults that keep nodes from hearing each other for long enough to be taken for gone. */
const HIDING = new Set<FaultName>([
  ...(['pause', 'partition', 'clog', 'flap', 'halfOpen', 'refuseDial', 'drop'] as const),
  ...(['queueCap', 'bandwidth', 'latency', 'loss', 'flip', 'truncate', 'clockStep'] as const),
  ...(['reset', 'payloadFlip', 'drift', 'clockNoise', 'wrongPeerId'] as const),
]);

/** Which living process has which whole values, and how many were lost since all had theirs. */
class Losses {
  readonly redundancy: number;
  readonly #connections: World['network']['connections'];
  lost = 0;
  readonly #buckets: number;
  /** By process: the newest step at which it has each bucket's whole value; −1 for none. */
  readonly #whole = new Map<Process, Int32Array>();
  #isStrained = false;
  /** Somebody had to go back; the others may, until all stand together again. */
  #hasRewound = false;
  /** Faults under way that can make a living node look lost to others. */
  #hidden = 0;
  /** Somebody has a value that it did not have when this was last looked at. */
  #isToSettle = false;

  constructor({ model, scenario, network }: World) {
    this.#connections = network.connections;
    this.#buckets = model.groupOf.length;
    this.redundancy = Math.min(model.actor.redundancy, scenario.nodes.length);
  }

  start(running: Process): void {
    this.#whole.set(running, new Int32Array(this.#buckets));
  }

  /**
   * Whoever has left in order has handed over what it held: nothing may be lost with it. But where
   * fewer stay than hold a bucket there was nobody to have its place.
   */
  end(running: Process, hasLeft: boolean): void {
    if (!this.#whole.delete(running) || running.step < 0) return;
    if (hasLeft && this.#whole.size >= this.redundancy) return;
    this.lost++;
    this.#isStrained = true;
  }

  hide(nodes: number): void {
    this.#hidden++;
    this.lost += Math.max(this.redundancy, nodes);
    this.#isStrained = true;
  }

  rewind(): void {
    this.#hasRewound = true;
    this.#isStrained = true;
    this.lost = Math.max(this.lost, this.redundancy);
  }

  show(): void {
    this.#hidden--;
  }

  /** Of a step that nobody stands at any more there are as many holders as disks have it. */
  load(running: Process, step: number, has: (bucket: number) => boolean): void {
    if ([...this.#whole.keys()].every((one) => one.step < step)) this.rewind();
    const steps = this.#whole.get(running);
    for (let b = 0; b < this.#buckets && steps !== undefined; b++) steps[b] = has(b) ? step : -1;
  }

  perform(running: Process, effect: Carried, result: BulkEvent | null): void {
    const steps = this.#whole.get(running);
    if (steps === undefined) return;
    if (result?.kind === 'updated') this.#note(steps, result.bucket, result.step + 1);
    else if (result?.kind === 'taken' && result.ok) this.#note(steps, result.bucket, result.step);
    else if (effect.kind === 'unhold') this.#note(steps, effect.bucket, -1);
    else if (effect.kind === 'clear') steps.fill(-1);
    else if (effect.kind === 'keep' && steps[effect.bucket] === effect.step) {
      this.#note(steps, effect.bucket, effect.step + 1);
    }
  }

  #note(steps: Int32Array, bucket: number, step: number): void {
    steps[bucket] = step;
    this.#isToSettle = true;
  }

  /**
   * Nothing counts as lost any more once each bucket has all its holders again. To be called when
   * no event's effects are half carried out: whoever begins anew at step 0 holds all of it for a
   * moment, and only its share afterwards.
   */
  settle(): void {
    if (!this.#isToSettle || !this.#isStrained || this.#hidden > 0 || !this.#isWhole) return;
    // Who has only started has the base, and may find that the others are further and let go of it.
    for (const { actor } of this.#whole.keys()) {
      if (actor.status !== undefined && actor.status.phase !== 'working') return;
    }
    this.#isToSettle = false;
    const steps = [...this.#whole.keys()].map(({ step }) => step);
    const newest = Math.max(...steps);
    if (Math.min(...steps) < (this.#hasRewound ? newest : newest - 1)) return;
    // Who is only taking a bucket on has its value now, and may not follow to the next one.
    const holders = new Int32Array(this.#buckets);
    for (const [{ actor }, whole] of this.#whole) {
      for (const b of actor.status?.held ?? []) if (whole[b]! >= newest) holders[b]!++;
    }
    if (holders.some((count) => count < this.redundancy)) return;
    this.#isStrained = false;
    this.#hasRewound = false;
    this.lost = 0;
  }

  /** Whether all who live are connected: a dial that failed is tried again some seconds later. */
  get #isWhole(): boolean {
    const nodes = [...this.#whole.keys()].map(({ node }) => node.index);
    return nodes.every((a, i) =>
      nodes.slice(i + 1).every((b) => {
        const { lowUp, highUp } = this.#connections.of(a, b);
        return lowUp && highUp;
      }),
    );
  }
}

/**
 * A process that ended, and a fault that can make the living look lost, is worth one rewind of each
 * process. Where a bucket has one holder, so is whoever goes back, since what it held goes with it.
 */
export const oneRewindALoss: Checker = (context) => {
  const isAlone = context.world.model.actor.redundancy === 1;
  let losses = 0;
  const rewinds = new Map<Process, number>();
  return {
    faultBegan({ fault }) {
      if (HIDING.has(fault)) losses++;
    },
    ended: (running) => {
      losses++;
      rewinds.delete(running);
    },
    handled(running, event, effects) {
      const back = effects.find((effect) => effect.kind === 'load' && effect.step < running.step);
      if (back === undefined) return;
      const count = (rewinds.get(running) ?? 0) + 1;
      rewinds.set(running, count);
      if (isAlone) losses++;
      // Whoever was told of a step and then doubts it makes all of them again.
      const isDoubted = context.world.nodes.some(({ isHarmed }) => isHarmed);
      if (count <= losses || isDoubted) return;
      const { node, step } = running;
      const times = `${count} times after ${losses} losses`;
      const text = `${node.name} goes back from step ${step}: ${times}`;
      context.report('one rewind a loss', text, { running, event, step });
    },
  };
};

export const noRewind: Checker = (context) => {
  const losses = new Losses(context.world);
  return {
    faultBegan({ fault, nodes }) {
      if (HIDING.has(fault)) losses.hide(nodes.length);
    },
    faultEnded({ fault }) {
      if (HIDING.has(fault)) losses.show();
    },
    started: (running) => losses.start(running),
    ended: (running, why) => losses.end(running, why.kind === 'left'),
    performed: (running, effect, result) => losses.perform(running, effect, result),
    loaded(running, checkpoint) {
      if (checkpoint === null) losses.load(running, 0, () => true);
      else losses.load(running, checkpoint.step, (bucket) => checkpoint.buckets.has(bucket));
    },
    handled(running, event, effects) {
      const isHalfDone = effects.some(({ kind }) => kind === 'unhold' || kind === 'clear');
      if (!isHalfDone) losses.settle();
      const isRewind = effects.some(
        (effect) => effect.kind === 'load' && effect.step < running.step,
      );
      // Who is cut off for a while counts as lost, and where one had to go back others may.
      if (effects.some(({ kind }) => kind === 'disconnect')) losses.hide(1);
      if (!isRewind) return;
      // Whoever is behind with what is lost elsewhere may lack the text to make it.
      const isTextKept = context.world.scenario.at.some((at) => at !== null);
      // Whoever was told of a step and then doubts it makes all of them again.
      const isDoubted = context.world.nodes.some(({ isHarmed }) => isHarmed);
      if (losses.lost >= losses.redundancy || isTextKept || isDoubted) {
        losses.rewind();
        return;
      }
      const { node, step } = running;
      const text = `${node.name} goes back from step ${step}; ${losses.lost} holders were lost`;
      const where = { running, event, step };
      context.report('no rewind while a holder lives', text, where);
    },
  };
};
