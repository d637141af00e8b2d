/**
 * Where nodes stand: versions go up one by one but for an announced rewind, whatever is used carries
 * the user's own root, and no rewind comes while each bucket has a holder that has lived all along.
 */
import type { Event } from '../../node/actor/index.ts';
import type { Carried, Process } from '../process/index.ts';
import type { FaultName } from '../schedule/faults.ts';
import type { Checker } from './types.ts';

export const versionsInOrder: Checker = (context) => {
  /** By process: where it last stood; absent after it let go of everything. */
  const stood = new WeakMap<Process, number>();
  return {
    handled(running, event, effects) {
      for (const effect of effects) {
        if (effect.kind === 'clear' || effect.kind === 'load') stood.delete(running);
        if (effect.kind !== 'stepped') continue;
        const before = stood.get(running);
        stood.set(running, effect.step);
        if (before === undefined || effect.step > before) continue;
        const text = `${running.node.name} went from step ${before} to ${effect.step}`;
        context.report('versions in order', text, { running, event, step: effect.step });
      }
    },
  };
};

/** By process: its root by step, as it stood there. */
export const ownRootOnly: Checker = (context) => {
  const roots = new WeakMap<Process, Map<number, string>>();
  return {
    handled(running, _event, effects) {
      for (const effect of effects) {
        if (effect.kind !== 'stepped') continue;
        const known = roots.get(running) ?? new Map<number, string>();
        roots.set(running, known);
        known.set(effect.step, effect.root);
      }
    },
    performed(running, effect, _result, cause) {
      if (!takes(effect) || cause.kind !== 'message' || !('root' in cause.message)) return;
      const { step, root } = cause.message;
      const own = roots.get(running)?.get(step);
      if (own === undefined || own === root) return;
      const text = `used a ${cause.message.kind} of root ${root.slice(0, 8)}, its own is ${own.slice(0, 8)}`;
      context.report('own root only', text, { running, event: cause, step });
    },
  };
};

const takes = (effect: Carried) => effect.kind === 'file' || effect.kind === 'take';

/** Faults that keep nodes from hearing each other for long enough to be taken for gone. */
const HIDING = new Set<FaultName>([
  ...(['pause', 'partition', 'clog', 'flap', 'halfOpen', 'refuseDial', 'drop'] as const),
  ...(['queueCap', 'bandwidth', 'latency', 'loss', 'flip', 'truncate', 'clockStep'] as const),
  ...(['reset', 'payloadFlip', 'drift', 'clockNoise'] as const),
]);

/**
 * Counts the processes that were lost since every bucket last had all its holders; fewer than the
 * redundancy must never cost a step.
 */
export const noRewind: Checker = (context) => {
  const { world } = context;
  const { groupOf, actor } = world.model;
  const buckets = groupOf.length;
  const redundancy = Math.min(actor.redundancy, world.scenario.nodes.length);
  /** By process: the newest step at which it has each bucket's whole value; −1 for none. */
  const whole = new Map<Process, Int32Array>();
  let lost = 0;
  let isStrained = false;
  /** Faults under way that can make a living node look lost to others. */
  let hidden = 0;

  const note = (running: Process, bucket: number, step: number) => {
    const steps = whole.get(running);
    if (steps === undefined) return;
    steps[bucket] = step;
    if (isStrained) settle();
  };
  const settle = () => {
    if (hidden > 0) return;
    const newest = Math.max(...[...whole.keys()].map(({ step }) => step));
    for (let bucket = 0; bucket < buckets; bucket++) {
      let holders = 0;
      for (const steps of whole.values()) if (steps[bucket]! >= newest - 1) holders++;
      if (holders < redundancy) return;
    }
    isStrained = false;
    lost = 0;
  };

  return {
    faultBegan(fault) {
      if (!HIDING.has(fault.fault)) return;
      hidden++;
      lost += Math.max(redundancy, fault.nodes.length);
      isStrained = true;
    },
    faultEnded({ fault }) {
      if (HIDING.has(fault)) hidden--;
    },
    started(running) {
      whole.set(running, new Int32Array(buckets));
    },
    ended(running) {
      if (!whole.delete(running)) return;
      if (running.step < 0) return;
      lost++;
      isStrained = true;
    },
    performed(running, effect, result) {
      if (result?.kind === 'updated') note(running, result.bucket, result.step + 1);
      else if (result?.kind === 'taken' && result.ok) note(running, result.bucket, result.step);
      else if (effect.kind === 'keep') note(running, effect.bucket, effect.step + 1);
      else if (effect.kind === 'clear') whole.get(running)?.fill(-1);
      else if (effect.kind === 'unhold') note(running, effect.bucket, -1);
    },
    loaded(running, checkpoint) {
      const steps = whole.get(running);
      if (steps === undefined) return;
      for (let bucket = 0; bucket < buckets; bucket++) {
        steps[bucket] =
          checkpoint === null ? 0 : checkpoint.buckets.has(bucket) ? checkpoint.step : -1;
      }
    },
    handled(running, event, effects) {
      const isRewind = effects.some(
        (effect) => effect.kind === 'load' && effect.step < running.step,
      );
      if (!isRewind || lost >= redundancy) return;
      const text = `${running.node.name} goes back from step ${running.step}; ${lost} holders were lost`;
      context.report('no rewind while a holder lives', text, at(running, event));
    },
  };
};

function at(running: Process, event: Event) {
  return { running, event, step: running.step };
}
