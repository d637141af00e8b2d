/** One actor by itself: kestrel, in a run with merlin whose part the test speaks. */
import { Actor, type ActorOptions, type Effect, type EventBody } from '../../node/actor/index.ts';
import type { DiskStep } from '../../node/actor/types.ts';
import { packBuckets } from '../../protocol/bucket-set.ts';
import { layoutBuckets } from '../../protocol/buckets.ts';
import { SIGNATURE_BYTES } from '../../protocol/claims.ts';
import { firstRoot, hashOf, valueHash } from '../../protocol/hashes.ts';
import type { Message, Standing } from '../../protocol/messages.ts';
import { place } from '../../protocol/placement.ts';
import { standingWith } from '../helpers/standing.ts';

export const OPTIONS: ActorOptions = {
  self: 'kestrel',
  incarnation: 1,
  runId: hashOf('a run'),
  numericsClass: 'none',
  steps: 3,
  languages: [
    { id: 'swh_Latn', unitsPerStep: 2 },
    { id: 'tur_Latn', unitsPerStep: 2 },
  ],
  layout: layoutBuckets([{ name: 'w', shape: [4, 2], layer: 'w' }], 16),
  groups: 'bucket',
  stateLength: 2,
  clips: false,
  checkpointEverySteps: null,
  redundancy: 1,
};

export const VALUE = { published: hashOf('p'), optimizer: hashOf('o'), aggregator: hashOf('a') };
const VALUES = OPTIONS.layout.buckets.map(() => VALUE);
export const ROOT = firstRoot(OPTIONS.runId, OPTIONS.numericsClass, VALUES.map(valueHash));

const BASE = { root: ROOT, values: VALUES };
export const ALL = OPTIONS.layout.buckets.map(({ index }) => index);
export const bits = (buckets: readonly number[] = ALL) => packBuckets(buckets, ALL.length);

export const standingOf = (over: Partial<Standing> = {}): Standing =>
  standingWith(ROOT, { has: bits([]), held: bits([]), heldBefore: bits([]), ...over });

export const digestOf = (over: Partial<Standing> = {}): Message => ({
  kind: 'digest',
  standing: standingOf(over),
  vouches: false,
  about: [],
});

const SIGNATURE = new Uint8Array(SIGNATURE_BYTES);

/** An actor that has begun among members that have not said a word, and what it did since. */
export function begun(
  over: Partial<ActorOptions> = {},
  members = ['kestrel', 'merlin'],
  disk: readonly DiskStep[] = [],
) {
  const actor = new Actor({ ...OPTIONS, ...over });
  const effects: Effect[] = [];
  let nowMs = 0;
  const send = (body: EventBody, laterMs = 0): Effect[] => {
    nowMs += laterMs;
    const more = actor.receive({ nowMs, ...body });
    effects.push(...more);
    return more;
  };
  const hear = (message: Message, payload: number | null = null, from = 'merlin') =>
    send({ kind: 'message', from, message, signature: SIGNATURE, payload });
  send({ kind: 'start', beginning: { members, base: BASE, disk } });
  return { actor, send, hear, effects };
}

/** What both nodes of a run at step 0 are placed to hold. */
const SHARES = place(
  [
    { id: 'kestrel', capacity: 1 },
    { id: 'merlin', capacity: 1 },
  ],
  {
    runId: OPTIONS.runId,
    buckets: ALL.length,
    unitsByLanguage: [2, 2],
    redundancy: 1,
  },
).holders;
export const [OURS, THEIRS] = ['kestrel', 'merlin'].map((id) =>
  ALL.filter((bucket) => SHARES[bucket]![0] === id),
) as [number[], number[]];

/** An actor at step 0 with all its share of the work, after merlin has spoken. */
export function started(over: Partial<ActorOptions> = {}) {
  const { actor, send, hear } = begun(over);
  const held = over.redundancy === 2 ? ALL : THEIRS;
  const words = { has: bits(held), held: bits(held), heldBefore: bits(held) };
  const effects = hear(digestOf(words));
  const computes = effects.filter((effect) => effect.kind === 'compute');
  return { actor, send, hear, computes };
}

export const sumOf = (bucket: number, over: object = {}): Message => ({
  kind: 'sum',
  step: 0,
  root: ROOT,
  language: 0,
  level: 1,
  index: 0,
  bucket,
  outcome: 'tensor',
  tokens: 5,
  lossSum: 1,
  hash: hashOf('sum'),
  ...over,
});
