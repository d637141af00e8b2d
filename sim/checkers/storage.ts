/**
 * Checkpoints: what a node was told is durable is there at every crash, what is loaded is what was
 * written, an old one goes only when the disks together have all of a newer one, and a node says it
 * has what its disk has.
 */
import type { Effect } from '../../node/actor/index.ts';
import { areSame, packBuckets } from '../../protocol/bucket-set.ts';
import { valueHash } from '../../protocol/hashes.ts';
import { listSteps, readCheckpoint } from '../disk/index.ts';
import type { Process, SimNode } from '../process/index.ts';
import type { Checker } from './types.ts';

export const durableMeansDurable: Checker = (context) => {
  /** By node: the newest checkpoint that its process was told is durable. */
  const told = new Map<SimNode, number>();
  /** Processes that removed some since they last said what they have. */
  const pruned = new WeakSet<Process>();
  return {
    pruned: (running) => void pruned.add(running),
    handled(running, event, effects) {
      if (event.kind !== 'checkpointed') return;
      const { node } = running;
      told.set(node, Math.max(told.get(node) ?? 0, event.step));
      if (!pruned.delete(running) || !node.disk.isHonest || wiped(context, node)) return;
      const lacking = saidInVain(node, effects, context.world.model.groupOf.length);
      if (lacking === null) return;
      const text = `${node.name} says that checkpoint ${lacking} is on its disk, which is not`;
      context.report('durable means durable', text, { running, event, step: lacking });
    },
    started(running) {
      const { node } = running;
      const step = told.get(node);
      if (step === undefined || !node.disk.isHonest || wiped(context, node)) return;
      if (listSteps(node.disk.inspection).some((found) => found.step >= step && reads(node, found)))
        return;
      const text = `${node.name} was told that checkpoint ${step} is durable; it is gone, or torn`;
      context.report('durable means durable', text, { running, step });
    },
  };
};

/** A checkpoint that a node tells others of, and that is not on its disk as it says; or null. */
function saidInVain(
  { disk }: SimNode,
  effects: readonly Effect[],
  bucketCount: number,
): number | null {
  const digest = effects.find(
    (effect) => effect.kind === 'send' && effect.message.kind === 'digest',
  );
  if (digest?.kind !== 'send' || digest.message.kind !== 'digest') return null;
  const here = listSteps(disk.durable);
  const lacking = digest.message.standing.durable.find(
    (said) =>
      !here.some(({ step, root, buckets }) => {
        const isSame = step === said.step && root === said.root;
        return isSame && areSame(packBuckets(buckets, bucketCount), said.buckets);
      }),
  );
  return lacking?.step ?? null;
}

/** Whether a checkpoint on a disk has what its manifest says. */
function reads({ disk }: SimNode, { step }: { readonly step: number }): boolean {
  try {
    return readCheckpoint(disk.inspection, step).step === step;
  } catch {
    return false;
  }
}

/** Whether a fault so far took a disk's content away, or kept it from being read. */
export function wiped({ world }: Parameters<Checker>[0], node: SimNode): boolean {
  return world.schedule.some(({ fault, args, nodes, atMs }) => {
    if (atMs > world.clock.nowMs || !nodes.includes(node.name)) return false;
    if (fault === 'crash') return (args as { disk: string }).disk !== 'kept';
    return ['rot', 'shortRead', 'diskError', 'misdirected', 'lyingSync', 'lostRename'].includes(
      fault,
    );
  });
}

/** Whatever is loaded is of a step that some node completed, with its root and its values. */
export const onlyWholeCheckpoints: Checker = (context) => {
  const roots = new Map<number, Set<string>>();
  /** By root: the hashes of the step's values, by bucket. */
  const values = new Map<string, readonly string[]>();
  return {
    handled(running, event, effects) {
      if (event.kind === 'loaded') {
        const { step, root } = event.loaded;
        const known = values.get(root);
        const bucket = event.loaded.values.findIndex(
          (value, b) => value !== null && known !== undefined && valueHash(value) !== known[b],
        );
        const text = `${running.node.name} loads another value of step ${step} than was stored`;
        const where = { running, event, step, bucket };
        // Memory that had rotted before it was written is found out as it is read.
        if (bucket >= 0 && !running.node.isHarmed)
          context.report('only whole checkpoints are loaded', text, where);
      }
      for (const effect of effects) {
        if (effect.kind !== 'stepped') continue;
        const known = roots.get(effect.step) ?? new Set();
        roots.set(effect.step, known.add(effect.root));
        if (!values.has(effect.root)) values.set(effect.root, effect.values.map(valueHash));
      }
    },
    loaded(running, checkpoint) {
      if (checkpoint === null || roots.get(checkpoint.step)?.has(checkpoint.root)) return;
      const text = `${running.node.name} loads checkpoint ${checkpoint.step}, which nobody wrote`;
      context.report('only whole checkpoints are loaded', text, { running, step: checkpoint.step });
    },
    pruned(running, steps, neededFrom) {
      if (!assembles(context, neededFrom)) {
        const rest = `from ${neededFrom} on none is whole`;
        const text = `${running.node.name} removed checkpoints ${steps}; ${rest}`;
        context.report('durable means durable', text, { running, step: neededFrom });
      }
    },
  };
};

/** Whether the disks together have every bucket of one step from `neededFrom` on. */
function assembles(context: Parameters<Checker>[0], neededFrom: number): boolean {
  const { nodes, model } = context.world;
  // A disk that can't be read now proves nothing.
  if (nodes.some((node) => !node.disk.isHonest || wiped(context, node))) return true;
  const told = nodes.map(({ disk }) => ({ disk, steps: listSteps(disk.inspection) }));
  const all = told.flatMap(({ steps }) => steps.map(({ step }) => step));
  const newestFirst = [...new Set(all)].filter((step) => step >= neededFrom).sort((a, b) => b - a);
  return newestFirst.some((step) => {
    const found = new Set<number>();
    for (const { disk, steps } of told) {
      if (!steps.some((one) => one.step === step)) continue;
      try {
        for (const bucket of readCheckpoint(disk.inspection, step).buckets.keys())
          found.add(bucket);
      } catch {
        return true;
      }
      if (found.size === model.groupOf.length) return true;
    }
    return false;
  });
}
