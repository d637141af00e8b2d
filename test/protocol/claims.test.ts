/** Claims: signed, checked before anybody heeds them, and compared by what they say. */
import test from 'ava';
import { createIdentity, createSeal } from '../../node/net/index.ts';
import {
  agree,
  type Claim,
  claimedBy,
  forgedIn,
  nameOf,
  openHeader,
  printOf,
  seal,
} from '../../protocol/claims.ts';
import { hashOf } from '../../protocol/hashes.ts';
import {
  type Message,
  MessageError,
  type MessageOf,
  packNumbers,
  packTriangle,
} from '../../protocol/messages.ts';

const RUN = hashOf('a run');
const ROOT = hashOf('a root');
const SUM = {
  ...({ kind: 'sum', step: 3, root: ROOT, language: 1, level: 2, index: 0, bucket: 4 } as const),
  ...({ outcome: 'tensor', tokens: 7, lossSum: 1.5, hash: hashOf('numbers') } as const),
};
const RESOLUTION = {
  present: Uint8Array.of(1, 1),
  gram: packTriangle(Float64Array.of(1, 0.5, 0.5, 2), 2),
  weights: packNumbers(Float64Array.of(0.5, 0.5)),
  gapRelative: 0,
  converged: true,
  squaredNorm: 2,
  losses: [
    { tokens: 1, lossSum: 1 },
    { tokens: 2, lossSum: Number.NaN },
  ],
};
const UPDATE = {
  ...({ kind: 'update', step: 3, root: ROOT, bucket: 4, outcome: 'tensor' } as const),
  ...{ published: hashOf('p'), optimizer: hashOf('o'), aggregator: hashOf('a') },
  resolution: RESOLUTION,
};
const DIRECTION = {
  ...({ kind: 'direction', step: 3, root: ROOT, bucket: 4, outcome: 'tensor' } as const),
  ...{ hash: hashOf('d'), state: packNumbers(Float64Array.of(1)), resolution: RESOLUTION },
};
const GRAM = {
  ...({ kind: 'gram', step: 3, root: ROOT, bucket: 4 } as const),
  ...{ present: RESOLUTION.present, gram: RESOLUTION.gram, losses: RESOLUTION.losses },
};
const NORM = { kind: 'norm', step: 3, root: ROOT, bucket: 4, squaredNorm: 2.5 } as const;
const CLAIMS: readonly Claim[] = [SUM, UPDATE, DIRECTION, GRAM, NORM];
const WANT: Message = { kind: 'want', step: 3, root: ROOT, names: [], compute: false };

/** A claim as somebody lists it later, with the signature that came with it. */
function listed(from: string, claim: Claim, signature: Uint8Array): MessageOf<'inputs'> {
  const value = claimedBy(claim);
  const input = { value, print: printOf(claim), from, signature };
  const about = { kind: 'inputs', step: 3, root: claim.root, value, print: 'any' } as const;
  return { ...about, isKnown: true, inputs: [input] };
}

async function node() {
  const identity = await createIdentity();
  return { id: identity.publicKey.toString(), own: createSeal(identity) };
}

test('what a node claims is read as its own, and as nobody else’s, of no other run', async (t) => {
  const [kestrel, merlin] = [await node(), await node()];
  for (const claim of CLAIMS) {
    const opened = openHeader(seal(RUN, claim, kestrel.own));
    t.deepEqual(opened.message, claim as Message);
    t.is(forgedIn(RUN, listed(kestrel.id, claim, opened.signature!), merlin.own), undefined);
    for (const [run, from] of [
      [RUN, merlin.id],
      [hashOf('another'), kestrel.id],
      [RUN, 'no peer id'],
    ] as const) {
      const forged = forgedIn(run, listed(from, claim, opened.signature!), merlin.own);
      t.is(forged?.from, from, claim.kind);
    }
  }
});

test('whoever changes a word of a claim has not signed it', async (t) => {
  const { id, own } = await node();
  const changes: readonly [Claim, object][] = [
    [SUM, { tokens: 8 }],
    [SUM, { lossSum: 1.25 }],
    [SUM, { hash: hashOf('others') }],
    [SUM, { language: 0 }],
    [SUM, { index: 1 }],
    [SUM, { step: 4 }],
    [SUM, { root: hashOf('another root') }],
    [UPDATE, { published: hashOf('x') }],
    [UPDATE, { bucket: 5 }],
    [UPDATE, { resolution: { ...RESOLUTION, squaredNorm: 3 } }],
    [DIRECTION, { state: packNumbers(Float64Array.of(2)) }],
    [DIRECTION, { resolution: { ...RESOLUTION, gram: packTriangle(new Float64Array(4), 2) } }],
    [GRAM, { present: Uint8Array.of(1, 0) }],
    [GRAM, { losses: [RESOLUTION.losses[1], RESOLUTION.losses[0]] }],
    [NORM, { squaredNorm: 2.4 }],
  ];
  for (const [claim, change] of changes) {
    const { signature } = openHeader(seal(RUN, claim, own));
    const message = { ...claim, ...change } as Claim;
    const label = `${claim.kind} ${JSON.stringify(change).slice(0, 60)}`;
    t.is(forgedIn(RUN, listed(id, claim, signature!), own), undefined, label);
    t.is(forgedIn(RUN, listed(id, message, signature!), own)?.from, id, label);
  }
});

test('a claim without a signature, and a signature without a claim, are no messages', async (t) => {
  const { own } = await node();
  const { signature } = openHeader(seal(RUN, SUM, own));
  t.is(seal(RUN, WANT, own), WANT);
  t.is(openHeader(WANT).signature, null);
  for (const header of [
    SUM,
    { claim: SUM },
    { claim: SUM, signature: signature!.subarray(1) },
    { claim: SUM, signature: 'signed' },
    { claim: WANT, signature },
    { claim: null, signature },
    null,
  ])
    t.throws(() => openHeader(header), { instanceOf: MessageError });
});

test('an update that does not tell how it was resolved agrees with one that does', (t) => {
  const bare = { ...UPDATE, resolution: null };
  const other = { ...UPDATE, published: hashOf('x') };
  const lied = { ...UPDATE, resolution: { ...RESOLUTION, squaredNorm: 3 } };
  t.is(nameOf(UPDATE), 'value 4 4');
  t.true(agree(printOf(bare), printOf(UPDATE)));
  t.true(agree(printOf(UPDATE), printOf({ ...UPDATE })));
  t.false(agree(printOf(lied), printOf(UPDATE)));
  t.false(agree(printOf(other), printOf(bare)));
});
