/**
 * What this node waits for at its step, and whom it asks: first whoever is to bring it, then, the
 * longer it lasts, one candidate after another.
 */
import type { WantedName } from '../../protocol/messages.ts';
import { bucketItem, rendezvousOrder } from '../../protocol/placement.ts';
import { cover, unitsUnder } from '../../protocol/tree.ts';
import type { Auditor } from './auditor.ts';
import type { Context } from './context.ts';
import type { Holdings } from './holdings.ts';
import type { Member } from './member.ts';
import type { Owner } from './owner.ts';
import type { Shares } from './shares.ts';
import { reallyHolds } from './words.ts';

/** Names in one message; a node that lacks more asks for the rest at its next deadline. */
const NAMES_PER_WANT_MAX = 4096;
/** Deadlines that a node which others have left behind waits for what they made, and no longer. */
const FOLLOW_WAITS = 2;

/** A node that waits, as the parts of its actor show it. */
export interface Waiting {
  readonly context: Context;
  readonly member: Member;
  readonly owner: Owner;
  readonly holdings: Holdings;
  readonly shares: Pick<Shares, 'workers' | 'waitsFor'>;
  /** Deadlines that have passed at this step: 0 at the first. */
  readonly level: number;
  /** Whether sums that are late may be computed by others, and by this node. */
  readonly computes: boolean;
  /** What this node makes by itself, so that nobody is asked for it. */
  readonly auditor: Pick<Auditor, 'covers' | 'coversSum'>;
  /** Has this node compute units of a language, so far as their sums of a bucket are not here. */
  compute(language: number, units: readonly number[], bucket: number): void;
}

/** Names of values, by node: those that are sent if they are there, those that are computed. */
interface Wanted {
  readonly sent: Map<string, WantedName[]>;
  readonly computed: Map<string, WantedName[]>;
}

/** How many values were asked for, and a line that says of whom. */
export interface Asked {
  readonly count: number;
  readonly text: string;
}

/** Asks for everything that is missing. */
export function sendWants(waiting: Waiting): Asked {
  const { context } = waiting;
  const { step, root } = context;
  const { sent, computed } = missingByNode(waiting);
  const said: string[] = [];
  let count = 0;
  for (const peer of new Set([...sent.keys(), ...computed.keys()])) {
    const asIs = sent.get(peer) ?? [];
    const toCompute = computed.get(peer) ?? [];
    for (const [names, compute] of [
      [asIs, false],
      [toCompute, true],
    ] as const) {
      if (names.length === 0) continue;
      const part = names.slice(0, NAMES_PER_WANT_MAX);
      context.send([peer], { kind: 'want', step, root, names: part, compute });
    }
    count += asIs.length + toCompute.length;
    said.push(`${describe([...toCompute, ...asIs])} from ${peer}`);
  }
  return { count, text: said.join('; ') };
}

const NOUNS: Readonly<Record<WantedName['kind'], string>> = {
  sum: 'gradient sum',
  gram: 'Gram part',
  norm: 'norm part',
  value: 'update',
  direction: 'direction',
  whole: 'value',
};

function describe(names: readonly WantedName[]): string {
  const counts = new Map<WantedName['kind'], number>();
  for (const { kind } of names) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, n]) => `${n} ${NOUNS[kind]}${n === 1 ? '' : 's'}`).join(', ');
}

function missingByNode(waiting: Waiting): Wanted {
  const wanted: Wanted = { sent: new Map(), computed: new Map() };
  if (waiting.member.works) {
    wantSums(waiting, wanted);
    wantParts(waiting, wanted.sent);
  }
  wantValues(waiting, wanted.sent);
  return wanted;
}

function add(wanted: Map<string, WantedName[]>, peer: string | undefined, name: WantedName): void {
  if (peer === undefined) return;
  const names = wanted.get(peer);
  if (names === undefined) wanted.set(peer, [name]);
  else names.push(name);
}

/** The candidate whose turn it is at a level, of those that are not this node. */
function turn(
  ids: readonly string[],
  { context, level }: Pick<Waiting, 'context' | 'level'>,
): string | undefined {
  const others = ids.filter((id) => id !== context.self && context.view.isAlive(id));
  return others[level % Math.max(1, others.length)];
}

/** Sums of the buckets that this node is to resolve, or does to be certain of them. */
function wantSums(waiting: Waiting, wanted: Wanted): void {
  const { owner, member, holdings, shares, auditor, level } = waiting;
  const byLevel = new Map<number, number[]>();
  for (const bucket of owner.buckets) {
    if (!member.needs(bucket)) continue;
    if (level < FOLLOW_WAITS && holdings.movedOn(bucket).length > 0) continue;
    const at = shares.waitsFor(bucket) ?? (auditor.covers(bucket) ? level : null);
    if (at === null) continue;
    byLevel.set(at, [...(byLevel.get(at) ?? []), bucket]);
  }
  for (const [at, buckets] of byLevel) wantSumsOf(buckets, { ...waiting, level: at }, wanted);
}

function wantSumsOf(buckets: readonly number[], waiting: Waiting, wanted: Wanted): void {
  const { context, owner, shares, computes } = waiting;
  const { step } = context;
  const here = context.view.standings.filter(
    ({ standing }) => standing.complete && standing.step >= step,
  );
  const able = here.filter(({ standing }) => standing.step === step).map(({ id }) => id);
  const all = here.map(({ id }) => id);
  // Who lacks text has no other way, and never times units of its own.
  const othersCompute = computes || context.lacksText;
  shares.workers.forEach((row, language) => {
    for (const { worker, first, last } of runs(row)) {
      // Without the text a row can only be had from whoever kept it, wherever it stands by now.
      const others = context.hasText(context.self, language)
        ? able.filter((id) => context.hasText(id, language))
        : all;
      const peer = unitsTurn(waiting, others, { worker, language, first });
      // Whom they fall to may have dealt them out otherwise, and not have begun.
      const asked = peer === worker || othersCompute ? wanted.computed : wanted.sent;
      for (const place of cover(first, last, row.length)) {
        for (const bucket of buckets) {
          if (waiting.auditor.coversSum(language, bucket)) continue;
          if (!owner.lacks(language, bucket, place)) continue;
          if (peer === context.self) {
            const units = unitsUnder(place, row.length);
            const missing = units.filter((index) =>
              owner.lacks(language, bucket, { level: 0, index }),
            );
            waiting.compute(language, missing, bucket);
          } else add(asked, peer, { kind: 'sum', step, language, ...place, bucket });
        }
      }
    }
  });
}

/** Whose turn it is to bring sums of units: their worker's, then of all who can, this node too. */
function unitsTurn(
  { context, level, computes }: Waiting,
  able: readonly string[],
  { worker, language, first }: { worker: string; language: number; first: number },
): string | undefined {
  const { view, options, self } = context;
  if (level === 0 && view.isAlive(worker)) return worker;
  const others = able.filter((id) => id !== worker);
  const computesHere = computes && worker !== self && context.hasText(self, language);
  const candidates = computesHere ? [...others, self] : others;
  const item = `${options.runId} unit ${language}.${first}`;
  const order = [worker, ...rendezvousOrder(candidates, item)].filter((id) => view.isAlive(id));
  // Whoever has the text can make it; the others may only have kept it, and get every third turn.
  const makers = order.filter((id) => context.hasText(id, language));
  const keepers = order.filter((id) => !context.hasText(id, language));
  const isKeepers = makers.length === 0 || (keepers.length > 0 && level % 3 === 2);
  return isKeepers
    ? keepers[Math.floor(level / 3) % Math.max(1, keepers.length)]
    : makers[level % makers.length];
}

function wantParts(waiting: Waiting, wanted: Map<string, WantedName[]>): void {
  const { context, owner, holdings, member, level } = waiting;
  const { step } = context;
  for (const bucket of owner.missingGrams()) {
    add(wanted, turn(holdings.order(bucket), waiting), { kind: 'gram', step, bucket });
  }
  for (const bucket of owner.missingNorms()) {
    add(wanted, turn(holdings.order(bucket), waiting), { kind: 'norm', step, bucket });
  }
  for (const bucket of member.missingWhole()) {
    if (waiting.auditor.covers(bucket)) continue;
    const holders = holdings.holders(bucket);
    // Who has moved on with the bucket has the direction, and can bring nothing else of this step.
    const moved = holdings.movedOn(bucket);
    const isAble = moved.length === 0 && (level === 0 || !context.lacksText);
    if (holders[0] === context.self && isAble) continue;
    const askable = moved.length > 0 ? moved : holders;
    add(wanted, turn(askable, waiting), { kind: 'direction', step, bucket });
  }
}

/**
 * Updates of the next step, or of the one that is gathered: every other time of whoever stands
 * there or has just gone on, who has all of them, else of its holders, then of anybody.
 */
function wantValues(waiting: Waiting, wanted: Map<string, WantedName[]>): void {
  const { context, member, holdings, level } = waiting;
  const step = context.step + 1;
  const ahead = context.view.standings
    .filter(({ standing }) => standing.complete && standing.step >= step)
    .map(({ id }) => id);
  const there = ahead.filter((id) => context.view.standing(id)!.step <= step + 1);
  for (const bucket of member.missing()) {
    if (waiting.auditor.covers(bucket)) continue;
    const item = bucketItem(context.options.runId, bucket);
    const others = [...new Set([...ahead, ...gatherers(context)])];
    const makers = context.complete ? holdings.holders(bucket) : holdersOf(context, bucket);
    const order = [...new Set([...makers, ...rendezvousOrder(others, item)])];
    const isSure = there.length > 0 && level % 2 === 0;
    const peer = isSure
      ? turn(rendezvousOrder(there, item), { context, level: level / 2 })
      : turn(order, waiting);
    add(wanted, peer, { kind: 'value', step, bucket });
  }
}

/** Nodes that gather the next step: each has the part that its disk had. */
function gatherers({ view, step, root }: Context): string[] {
  return view.standings
    .filter(
      ({ standing }) => !standing.complete && standing.step === step && standing.root === root,
    )
    .map(({ id }) => id);
}

/** Nodes that stand at the step before the one that is gathered, and make its value of a bucket. */
function holdersOf({ view, step, root }: Context, bucket: number): string[] {
  return view.standings
    .filter(({ standing }) => standing.step === step && standing.root === root)
    .filter(({ standing }) => reallyHolds(standing, bucket))
    .map(({ id }) => id);
}

/** The runs of units that one worker computes. */
function runs(workers: readonly string[]): { worker: string; first: number; last: number }[] {
  const found: { worker: string; first: number; last: number }[] = [];
  workers.forEach((worker, unit) => {
    const open = found.at(-1);
    if (open?.worker === worker) open.last = unit + 1;
    else found.push({ worker, first: unit, last: unit + 1 });
  });
  return found;
}
