/**
 * Reach: the newest step that the nodes of a view can work on between them. Every bucket has a
 * living holder of its value at that step, in memory or on disk, or of the value before it with
 * complete parameters. Step 0 always is. Each node applies this rule alone, forward and back.
 */
import { hasBucket } from '../../protocol/bucket-set.ts';
import type { Hash } from '../../protocol/hashes.ts';
import type { Standing } from '../../protocol/messages.ts';
import type { Word } from './view.ts';

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
  /** Whether a bucket's value takes Gram or norm parts of others. */
  readonly exchangesParts: boolean;
  /** Languages whose text must be with those who are to make a value; empty: it was seen to. */
  readonly keptLanguages: readonly number[];
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
      isReachable(one, standings, own),
  );
  return reachable.reduce<Goal>((best, one) => (one.step > best.step ? one : best), base);
}

function candidates(own: Own, others: readonly Word[]): Candidate[] {
  const found = new Map<string, Candidate>();
  const announce = (id: string, goal: Goal) => {
    if (goal.step === 0) return;
    const key = `${goal.step} ${goal.root}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { ...goal, announcers: new Set([id]) });
    else {
      known.announcers.add(id);
      if (known.previousRoot === null && goal.previousRoot !== null)
        found.set(key, { ...known, previousRoot: goal.previousRoot });
    }
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

function isReachable(goal: Goal, standings: readonly Standing[], own: Own): boolean {
  const all = Array.from({ length: own.bucketCount }, (_, bucket) => bucket);
  const able = standings.filter((one) => canMake(one, goal));
  const here = heldTogether(standings.filter((one) => standsAt(one, goal)));
  const made = heldTogether(able);
  const hasText = own.keptLanguages.every((language) =>
    able.some(({ lacks }) => !hasBucket(lacks, language)),
  );
  const isHere = (bucket: number) => hasBucket(here, bucket);
  const isMade = (bucket: number) => hasText && hasBucket(made, bucket);
  const isOnDisk = (bucket: number) =>
    standings.some(({ durable }) =>
      durable.some(
        ({ step, root, buckets }) =>
          step === goal.step && root === goal.root && hasBucket(buckets, bucket),
      ),
    );
  const rest = all.filter((bucket) => !isHere(bucket) && !isMade(bucket));
  if (rest.length === 0) return true;
  // A value from a disk does not tell the Gram and norm parts that others need to make theirs.
  if (own.exchangesParts) return all.every((bucket) => isHere(bucket) || isOnDisk(bucket));
  return rest.every(isOnDisk);
}

/** Whether these nodes have all of a step in memory between them. */
export function isHeldTogether(
  goal: Goal,
  standings: readonly Standing[],
  buckets: readonly number[],
): boolean {
  const here = heldTogether(standings.filter((one) => standsAt(one, goal)));
  return buckets.every((bucket) => hasBucket(here, bucket));
}

/** The buckets that some of these complete nodes have whole. */
function heldTogether(standings: readonly Standing[]): Uint8Array {
  const together = new Uint8Array(Math.max(0, ...standings.map(({ has }) => has.length)));
  for (const { has } of standings) {
    for (let i = 0; i < has.length; i++) together[i]! |= has[i]!;
  }
  return together;
}

function standsAt({ complete, step, root }: Standing, goal: Goal): boolean {
  return complete && step === goal.step && root === goal.root;
}

/** Whether what a node holds is of the step before this one. */
function canMake({ complete, step, root }: Standing, goal: Goal): boolean {
  return complete && step === goal.step - 1 && root === goal.previousRoot;
}
