/**
 * Copies of checkpoints: an old one goes only once a newer one is durable in all buckets, as often
 * as there are to be holders, on disks of nodes that the remover takes for alive. Counted on the
 * disks themselves, as a loss of power would leave them.
 */
import { listSteps } from '../disk/index.ts';
import type { Process, SimNode } from '../process/index.ts';
import { wiped } from './storage.ts';
import type { CheckContext, Checker } from './types.ts';

/** What a process knew as it chose from which step on checkpoints are needed. */
interface Choice {
  /** Itself, and those that it took for alive and had heard a word of. */
  readonly nodes: ReadonlySet<string>;
  /** How often each bucket was to be durable. */
  readonly copies: number;
}

/** By step and root: the buckets of a checkpoint. */
type Buckets = Map<string, readonly number[]>;

export const enoughCopiesStay: Checker = (context) => {
  const { nodes, scenario } = context.world;
  /** By process and step from which on they are needed. */
  const choices = new WeakMap<Process, Map<number, Choice>>();
  /** By node: what it wrote, and what of that it has removed since, by the same rule. */
  const written = new Map<SimNode, Buckets>(nodes.map((node) => [node, new Map()]));
  const removed = new Map<SimNode, Buckets>(nodes.map((node) => [node, new Map()]));
  // Where everybody checks everything all hold everything.
  const redundancy = scenario.auditRate >= 1 ? nodes.length : scenario.redundancy;

  const choose = (running: Process, neededFrom: number) => {
    const { node, actor } = running;
    if (neededFrom === 0 || actor.status === undefined) return;
    const heard = actor.status.others.filter(({ alive, step }) => alive && step !== null);
    const known = new Set([node.name, ...heard.map(({ id }) => id)]);
    const before = choices.get(running) ?? new Map<number, Choice>();
    choices.set(running, before);
    before.set(neededFrom, { nodes: known, copies: Math.min(redundancy, known.size) });
  };

  return {
    handled(running, _event, effects) {
      for (const effect of effects) {
        if (effect.kind !== 'checkpoint') continue;
        const name = `${effect.step} ${effect.root}`;
        written.get(running.node)!.set(name, effect.buckets);
        removed.get(running.node)!.delete(name);
        choose(running, effect.neededFrom);
      }
    },
    pruned(running, steps, neededFrom) {
      const own = written.get(running.node)!;
      for (const [name, buckets] of own) {
        if (steps.includes(stepOf(name))) removed.get(running.node)!.set(name, buckets);
      }
      const choice = choices.get(running)?.get(neededFrom);
      if (choice === undefined) return;
      const { name } = running.node;
      const most = mostCopies(context, choice, removed, neededFrom);
      if (most >= choice.copies) return;
      const text =
        `${name} removed checkpoints ${steps}; from ${neededFrom} on some bucket of each is ` +
        `durable ${most} times, expected ${choice.copies}`;
      context.report('enough copies stay', text, { running, step: neededFrom });
    },
  };
};

const stepOf = (name: string) => Number.parseInt(name, 10);

/**
 * How often every bucket of one checkpoint from a step on is there: of the best one. A disk that a
 * fault has taken something from counts with all, and so does what was removed by the same rule.
 */
function mostCopies(
  context: CheckContext,
  choice: Choice,
  removed: ReadonlyMap<SimNode, Buckets>,
  neededFrom: number,
): number {
  const { nodes, model } = context.world;
  const counts = new Map<string, number[]>();
  const count = (name: string, buckets: readonly number[]) => {
    const of = counts.get(name) ?? model.groupOf.map(() => 0);
    counts.set(name, of);
    for (const bucket of buckets) of[bucket]!++;
  };
  let damaged = 0;
  for (const node of nodes) {
    if (!choice.nodes.has(node.name)) continue;
    if (!node.disk.isHonest || wiped(context, node)) {
      damaged++;
      continue;
    }
    const gone = removed.get(node)!;
    const here = listSteps(node.disk.durable).map(({ step, root, buckets }) => {
      return [`${step} ${root}`, buckets] as const;
    });
    for (const [name, buckets] of [...here, ...gone]) {
      if (stepOf(name) >= neededFrom) count(name, buckets);
    }
  }
  return damaged + Math.max(0, ...[...counts.values()].map((of) => Math.min(...of)));
}
