/**
 * Placement: who owns which bucket and who computes which unit, from a view alone. Rendezvous
 * hashing decides who is preferred; quotas by capacity decide how much, so that nobody exceeds its
 * share by more than one bucket or one unit. Nodes with different views only lose efficiency.
 */
import { assert, defined } from './assert.ts';
import { compareNames } from './buckets.ts';
import { hashOf } from './hashes.ts';

/** A node as placement sees it. */
export interface Member {
  readonly id: string;
  /** Its share of the buckets is proportional to it, and of the units where no speed is known. */
  readonly capacity: number;
  /** Its share of the units is proportional to it. */
  readonly speed?: number;
  /** Languages whose text it does not have, ascending; left out: none. */
  readonly lacks?: readonly number[];
}

/** Stands for the worker of a unit whose text no member has, and for an outsider that is not. */
export const NOBODY = '';

export interface Placement {
  /** By bucket: the nodes that are to hold its whole value; the first resolves it. */
  readonly holders: readonly (readonly string[])[];
  /** By bucket: who writes a copy with its checkpoint; NOBODY where all nodes hold it. */
  readonly outsiders: readonly string[];
  /** By language, then unit: the node that is preferred to compute it; NOBODY where none can. */
  readonly workers: readonly (readonly string[])[];
}

/** Work of a step: buckets in the layout, and units by language. */
export interface Work {
  readonly runId: string;
  readonly buckets: number;
  readonly unitsByLanguage: readonly number[];
  /** How many nodes are to hold a bucket, its owner among them. */
  readonly redundancy: number;
}

/** Views of late, because nodes of one process and steps on end have the same one. */
const PLACED_MAX = 8;
const placed = new Map<string, Placement>();

/** Places all work on the members of a view, which must not be empty. */
export function place(members: readonly Member[], work: Work): Placement {
  assert(members.length > 0, 'a view holds at least the node itself');
  const sorted = [...members].sort((a, b) => compareNames(a.id, b.id));
  const key = JSON.stringify([
    sorted.map(({ id, capacity, speed, lacks }) => [id, capacity, speed, lacks]),
    work,
  ]);
  const known = placed.get(key);
  if (known !== undefined) return known;
  const placement = { ...placeBuckets(sorted, work), workers: placeUnits(sorted, work) };
  const [oldest] = placed.keys();
  if (placed.size >= PLACED_MAX && oldest !== undefined) placed.delete(oldest);
  placed.set(key, placement);
  return placement;
}

/** Scores of a placement's items, by item and node: a view that changes asks for them again. */
const SCORES_MAX = 2 ** 17;
const scores = new Map<string, Map<string, string>>();
let scoreCount = 0;

/** As rendezvousOrder, for items of which there are few. */
function placedOrder(ids: readonly string[], item: string): string[] {
  if (scoreCount > SCORES_MAX) {
    scores.clear();
    scoreCount = 0;
  }
  const known = scores.get(item) ?? new Map<string, string>();
  scores.set(item, known);
  return inOrder(ids, (id) => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const score = scoreOf(item, id);
    known.set(id, score);
    scoreCount++;
    return score;
  });
}

/** The nodes in the order in which they are preferred for an item. */
export function rendezvousOrder(ids: readonly string[], item: string): string[] {
  return inOrder(ids, (id) => scoreOf(item, id));
}

function scoreOf(item: string, id: string): string {
  return hashOf(`${item}\n${id}`);
}

function inOrder(ids: readonly string[], score: (id: string) => string): string[] {
  const scored = ids.map((id) => ({ id, score: score(id) }));
  return scored.sort((a, b) => compareNames(b.score, a.score)).map(({ id }) => id);
}

/** What the rendezvous order of a bucket is asked for by. */
export function bucketItem(runId: string, bucket: number): string {
  return `${runId} bucket ${bucket}`;
}

/**
 * Owners by quota; then backups by a quota of their own, each the next in the bucket's order that
 * has room, so that the node that follows an owner is mostly the one that has its state; then
 * whoever keeps a copy outside in the same way.
 */
function placeBuckets(
  members: readonly Member[],
  { runId, buckets, redundancy }: Work,
): Pick<Placement, 'holders' | 'outsiders'> {
  const ids = members.map(({ id }) => id);
  const copies = Math.min(redundancy, ids.length);
  const orders = Array.from({ length: buckets }, (_, bucket) =>
    placedOrder(ids, bucketItem(runId, bucket)),
  );
  const owning = quotas(members, buckets);
  const holders = orders.map((order) => {
    const owner = defined(
      order.find((id) => owning.get(id)! > 0),
      'a node with room',
    );
    owning.set(owner, owning.get(owner)! - 1);
    return [owner];
  });
  const backing = quotas(members, buckets * (copies - 1));
  for (let copy = 1; copy < copies; copy++) {
    for (const [bucket, chosen] of holders.entries()) {
      chosen.push(nextWithRoom(orders[bucket]!, chosen, backing));
    }
  }
  const keeping = quotas(members, buckets);
  const outsiders = holders.map((chosen, bucket) =>
    copies === ids.length ? NOBODY : nextWithRoom(orders[bucket]!, chosen, keeping),
  );
  return { holders, outsiders };
}

/** The next in a bucket's order beside those chosen that has room, or at least the next. */
function nextWithRoom(
  order: readonly string[],
  chosen: readonly string[],
  room: Map<string, number>,
): string {
  const others = order.filter((id) => !chosen.includes(id));
  const next = others.find((id) => room.get(id)! > 0) ?? defined(others[0], 'another node');
  room.set(next, room.get(next)! - 1);
  return next;
}

/**
 * Whole languages first, the largest first, each to the first node in its rendezvous order that has
 * room for all of it; then what is left is cut into runs that fill rooms exactly where they can. So
 * a node works on few languages and sends few sums.
 */
function placeUnits(members: readonly Member[], { runId, unitsByLanguage }: Work): string[][] {
  const total = unitsByLanguage.reduce((sum, units) => sum + units, 0);
  const bySpeed = members.map(({ id, capacity, speed }) => ({ id, capacity: speed ?? capacity }));
  const left = quotas(bySpeed, total);
  const ids = members.map(({ id }) => id);
  const workers: string[][] = unitsByLanguage.map(() => []);
  const all = unitsByLanguage.map((units, language) => ({ units, language }));
  const able = unitsByLanguage.map((_, language) =>
    members.filter(({ lacks }) => !lacks?.includes(language)).map(({ id }) => id),
  );
  const isKept = ({ language }: { language: number }) => able[language]!.length < members.length;
  const kept = all.filter(isKept);
  // Where there is the least choice first.
  kept.sort((a, b) => able[a.language]!.length - able[b.language]!.length);
  for (const { units, language } of kept) {
    const preferred = rendezvousOrder(able[language]!, `${runId} language ${language}`);
    workers[language] = placeKept(preferred, left, units);
  }
  const order = all.filter((entry) => !isKept(entry));
  order.sort((a, b) => b.units - a.units || a.language - b.language);
  const cut: typeof order = [];
  for (const entry of order) {
    const preferred = placedOrder(ids, `${runId} language ${entry.language}`);
    const whole = preferred.find((id) => left.get(id)! >= entry.units);
    if (whole === undefined) {
      cut.push(entry);
      continue;
    }
    workers[entry.language] = Array<string>(entry.units).fill(whole);
    left.set(whole, left.get(whole)! - entry.units);
  }
  for (const { units, language } of cut) {
    const preferred = placedOrder(ids, `${runId} language ${language}`);
    const row = workers[language]!;
    while (row.length < units) {
      const worker = bestFit(preferred, left, units - row.length);
      const take = Math.min(left.get(worker)!, units - row.length);
      assert(take > 0, 'quotas cover all units');
      for (let i = 0; i < take; i++) row.push(worker);
      left.set(worker, left.get(worker)! - take);
    }
  }
  return workers;
}

/**
 * Units whose text only some have fall to them, shared out evenly, whatever that makes of their
 * quotas: the others get less of the rest.
 */
function placeKept(preferred: readonly string[], left: Map<string, number>, units: number) {
  if (preferred.length === 0) return Array<string>(units).fill(NOBODY);
  const row: string[] = [];
  while (row.length < units) {
    const rest = units - row.length;
    const worker = bestFit(preferred, left, rest);
    const take = Math.min(rest, Math.max(left.get(worker)!, Math.ceil(rest / preferred.length)));
    for (let i = 0; i < take; i++) row.push(worker);
    left.set(worker, left.get(worker)! - take);
  }
  return row;
}

/** The node with the least room that suffices, else the one with the most; ties as preferred. */
function bestFit(preferred: readonly string[], left: Map<string, number>, units: number): string {
  const rooms = preferred.map((id) => ({ id, room: left.get(id)! }));
  const enough = rooms.filter(({ room }) => room >= units);
  if (enough.length > 0) return enough.reduce((a, b) => (b.room < a.room ? b : a)).id;
  return rooms.reduce((a, b) => (b.room > a.room ? b : a)).id;
}

/** Splits `total` by capacity with largest remainders: whole numbers that add up to it. */
function quotas(members: readonly Member[], total: number): Map<string, number> {
  const capacity = members.reduce((sum, member) => sum + member.capacity, 0);
  const shares = members.map(({ id, capacity: own }) => {
    const share = (total * own) / capacity;
    return { id, whole: Math.floor(share), rest: share - Math.floor(share) };
  });
  let missing = total - shares.reduce((sum, { whole }) => sum + whole, 0);
  const byRest = [...shares].sort((a, b) => b.rest - a.rest || compareNames(a.id, b.id));
  for (const share of byRest) {
    if (missing-- <= 0) break;
    share.whole++;
  }
  return new Map(shares.map(({ id, whole }) => [id, whole]));
}
