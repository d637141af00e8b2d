/**
 * Where nodes stand: versions go up but for an announced rewind, and whatever is used carries the
 * user's own root.
 */
import type { Carried, Process } from '../process/index.ts';
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
        // Whoever begins anew may find that others are right, and take their values.
        if (effect.kind === 'clear') roots.delete(running);
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
      const { kind } = cause.message;
      const text = `used a ${kind} of root ${root.slice(0, 8)}, its own is ${own.slice(0, 8)}`;
      context.report('own root only', text, { running, event: cause, step });
    },
  };
};

const takes = (effect: Carried) => effect.kind === 'file' || effect.kind === 'take';
