/** The post: claims go out signed, and whoever did not sign what it said is found when asked. */
import test from 'ava';
import { createIdentity, createSeal } from '../../node/net/index.ts';
import { type NodeNetwork, Post } from '../../node/runtime/post.ts';
import { claimedBy, openHeader, printOf, SIGNATURE_BYTES } from '../../protocol/claims.ts';
import { hashOf } from '../../protocol/hashes.ts';
import type { Message, MessageOf } from '../../protocol/messages.ts';

const RUN = hashOf('a run');
const ROOT = hashOf('a root');
const NORM = { kind: 'norm', step: 3, root: ROOT, bucket: 4, squaredNorm: 2.5 } as const;
const QUESTION: Message = {
  ...({ kind: 'question', step: 3, root: ROOT, value: claimedBy(NORM) } as const),
  print: printOf(NORM),
};

async function openPost() {
  const identity = await createIdentity();
  const sent: unknown[] = [];
  const parted: string[] = [];
  const handlers: Parameters<NodeNetwork['onFrame']>[0][] = [];
  const network: NodeNetwork = {
    send: (_peer, header) => sent.push(header) > 0,
    onFrame: (handler) => handlers.push(handler),
    onPeer: () => {},
    disconnect: (peer, reason) => parted.push(`${peer}: ${reason}`),
  };
  const post = new Post(network, RUN, createSeal(identity));
  const got: Message[] = [];
  post.onLetter(({ message }) => got.push(message));
  const hear = (from: string, header: unknown) => handlers[0]!(from, header, undefined);
  return { id: identity.publicKey.toString(), post, sent, parted, got, hear };
}

/** An answer that lists what `from` said. */
function inputsOf(from: string, signature: Uint8Array): MessageOf<'inputs'> {
  const value = claimedBy(NORM);
  const input = { value, print: printOf(NORM), from, signature };
  const about = { kind: 'inputs', step: 3, root: ROOT, value, print: printOf(NORM) } as const;
  return { ...about, isKnown: true, inputs: [input] };
}

test('what was signed is listed; what was not costs its sender the streams', async (t) => {
  const [kestrel, merlin] = [await openPost(), await openPost()];
  merlin.post.send([kestrel.id], NORM);
  const { signature } = openHeader(merlin.sent[0]);
  kestrel.post.send(['hobby'], inputsOf(merlin.id, signature!));
  t.deepEqual(kestrel.sent.pop(), inputsOf(merlin.id, signature!));
  t.deepEqual(kestrel.parted, []);
  const nobodys = new Uint8Array(SIGNATURE_BYTES);
  kestrel.post.send(['hobby'], inputsOf(merlin.id, nobodys));
  t.deepEqual(kestrel.sent.pop(), { ...inputsOf(merlin.id, nobodys), isKnown: false, inputs: [] });
  t.deepEqual(kestrel.parted, [
    `${merlin.id}: norm 3 4: the signature that came with it is not the sender's`,
  ]);
});

test('an answer is heard that was asked for, and lists what its makers signed', async (t) => {
  const [kestrel, merlin] = [await openPost(), await openPost()];
  merlin.post.send([kestrel.id], NORM);
  const { signature } = openHeader(merlin.sent[0]);
  const answer = inputsOf(merlin.id, signature!);
  kestrel.hear('hobby', answer);
  t.deepEqual(kestrel.got, [], 'nobody has asked');
  kestrel.post.send(['hobby'], QUESTION);
  kestrel.hear('hobby', answer);
  t.deepEqual(kestrel.got, [answer]);
  kestrel.hear('hobby', answer);
  t.is(kestrel.got.length, 1, 'it was asked once');
  kestrel.post.send(['hobby'], QUESTION);
  const forged = inputsOf(kestrel.id, signature!);
  t.throws(() => kestrel.hear('hobby', forged), {
    name: 'MessageError',
    message: `message "inputs": norm 3 4 was not signed by ${kestrel.id}`,
  });
});
