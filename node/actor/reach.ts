/**
 * Reach: the newest step that the nodes of a view can work on between them. Every bucket has a
 * living holder of its value at that step, in memory or on disk, or of the value before it with
 * complete parameters. Step 0 always is. Each node applies this rule alone, forward and back.
 */
import { hasBucket } from '../../protocol/bucket-set.ts';
import type { Hash } from '../../protocol/hashes.ts';
import type { Standing } from '../../protocol/messages.ts';
import { reallyHolds, type Word } from './view.ts';

export interface Goal {
  readonly step: number;
  readonly root: Hash;
  /** Null at step 0. */
  readonly previousRoot: Hash | null;
}

/** What the node that asks knows of itself. */
export interface Own {
  readonly standing: Standing;
  /** root(0). */
  readonly firstRoot: Hash;
  readonly bucketCount: number;
}

interface Candidate extends Goal {
  /** Nodes that stand there, have followed it, or have it on disk. */
  readonly announcers: Set<string>;
}

/**
 * The newest reachable step that this node may believe in: one that it did not follow must be said
 * by `voices` nodes, or by the only other one.
 */
export function newestReachable(own: Own, others: readonly Word[], voices: number): Goal {
  const standings = [own.standing, ...others.map(({ standing }) => standing)];
  const base: Goal = { step: 0, root: own.firstRoot, previousRoot: null };
  const reachable = candidates(own, others).filter(
    (one) =>
      isBelievable(one, own.standing, Math.min(voices, others.length)) &&
      isReachable(one, standings, own.bucketCount),
  );
  return reachable.reduce<Goal>((best, one) => (one.step > best.step ? one : best), base);
}

function candidates(own: Own, others: readonly Word[]): Candidate[] {
  const found = new Map<string, Candidate>();
  const announce = (id: string, goal: Goal) => {
    if (goal.step === 0) return;
    const key = `${goal.step} ${goal.root}`;
    const known = found.get(key) ?? { ...goal, announcers: new Set<string>() };
    found.set(key, { ...known, previousRoot: known.previousRoot ?? goal.previousRoot });
    known.announcers.add(id);
  };
  for (const { id, standing } of [{ id: '', standing: own.standing }, ...others]) {
    const { step, root, previousRoot, complete, durable } = standing;
    if (complete) announce(id, { step, root, previousRoot });
    if (complete && previousRoot !== null) {
      announce(id, { step: step - 1, root: previousRoot, previousRoot: null });
    }
    for (const one of durable) announce(id, one);
  }
  return [...found.values()].filter(({ previousRoot }) => previousRoot !== null);
}

/** What it followed or has on its own disk, and the step after its own, which it makes itself. */
function isBelievable({ step, announcers }: Candidate, own: Standing, voices: number): boolean {
  if (announcers.has('') || (own.complete && step === own.step + 1)) return true;
  return announcers.size >= voices;
}

function isReachable(goal: Goal, standings: readonly Standing[], bucketCount: number): boolean {
  const holds = (bucket: number) =>
    standings.some(
      (standing) =>
        (canMake(standing, goal) && reallyHolds(standing, bucket)) ||
        standing.durable.some(
          ({ step, root, buckets }) =>
            step === goal.step && root === goal.root && hasBucket(buckets, bucket),
        ),
    );
  return Array.from({ length: bucketCount }, (_, bucket) => bucket).every(holds);
}

/** Whether what a node holds is of this step, or of the one before it. */
function canMake({ complete, step, root }: Standing, goal: Goal): boolean {
  if (!complete) return false;
  if (step === goal.step) return root === goal.root;
  return step === goal.step - 1 && root === goal.previousRoot;
}
