/**
 * Reach: the newest step that the nodes of a view can work on between them. Every bucket has a
 * living holder of its value at that step, in memory or on disk, or of the value before it with
 * complete parameters. Step 0 always is. Each node applies this rule alone, forward and back.
 */
import { hasBucket } from '../../protocol/bucket-set.ts';
import type { Hash } from '../../protocol/hashes.ts';
import type { Standing } from '../../protocol/messages.ts';
import type { Word } from './known.ts';

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
  /** The last step of the run. */
  readonly last: number;
  readonly bucketCount: number;
  /** Whether a bucket's value takes Gram or norm parts of others. */
  readonly exchangesParts: boolean;
  /** Languages whose text must be with those who are to make a value; empty: it was seen to. */
  readonly keptLanguages: readonly number[];
}

interface Candidate {
  readonly step: number;
  readonly root: Hash;
  previousRoot: Hash | null;
  /** Nodes that stand there, have followed it, or have it on disk; the last of them. */
  announcers: number;
  last: Word | Own;
  /** Whether the node that asks is one of them. */
  isOwn: boolean;
}

/**
 * The newest reachable step that this node may believe in: one that it did not follow must be said
 * by `voices` nodes, or by the only other one.
 */
export function newestReachable(own: Own, others: readonly Word[], voices: number): Goal {
  const standings = [own.standing, ...others.map(({ standing }) => standing)];
  const base: Goal = { step: 0, root: own.firstRoot, previousRoot: null };
  const newestFirst = candidates(own, others).sort((a, b) => b.step - a.step);
  const newest = newestFirst.find(
    (one) =>
      isBelievable(one, own.standing, Math.min(voices, others.length)) &&
      isReachable(one, standings, own),
  );
  if (newest === undefined) return base;
  const { step, root, previousRoot } = newest;
  return { step, root, previousRoot };
}

/** Steps after 0 that somebody announces with the root of the step before, as they are heard of. */
function candidates(own: Own, others: readonly Word[]): Candidate[] {
  const found = new Map<number, Candidate[]>();
  announceAll(found, own, true);
  for (const word of others) announceAll(found, word, false);
  return [...found.values()].flat().filter(({ previousRoot }) => previousRoot !== null);
}

function announceAll(found: Map<number, Candidate[]>, by: Word | Own, isOwn: boolean): void {
  const { step, root, previousRoot, complete, durable } = by.standing;
  if (complete) announce(found, by, isOwn, step, root, previousRoot);
  if (complete && previousRoot !== null) announce(found, by, isOwn, step - 1, previousRoot, null);
  for (const one of durable) announce(found, by, isOwn, one.step, one.root, one.previousRoot);
}

function announce(
  found: Map<number, Candidate[]>,
  by: Word | Own,
  isOwn: boolean,
  step: number,
  root: Hash,
  previousRoot: Hash | null,
): void {
  if (step === 0) return;
  const ofStep = found.get(step) ?? [];
  if (ofStep.length === 0) found.set(step, ofStep);
  const known = ofStep.find((one) => one.root === root);
  if (known === undefined) {
    ofStep.push({ step, root, previousRoot, announcers: 1, last: by, isOwn });
    return;
  }
  known.previousRoot ??= previousRoot;
  if (known.last === by) return;
  known.last = by;
  known.announcers++;
}

/** What it followed or has on its own disk, and the step after its own, which it makes itself. */
function isBelievable(
  { step, isOwn, announcers }: Candidate,
  own: Standing,
  voices: number,
): boolean {
  return isOwn || (own.complete && step === own.step + 1) || announcers >= voices;
}

function isReachable(goal: Goal, standings: readonly Standing[], own: Own): boolean {
  // Nothing is made of the last step: its parameters are enough, and whoever stands there has them.
  if (goal.step >= own.last && standings.some((one) => standsAt(one, goal))) return true;
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
