/**
 * The worst peer from the outside: it has the network key and a member's own identity, and talks
 * nonsense. Each time it is cut off by name; once it is gone, the run finishes with its own bits.
 */
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../node/cli/config/index.ts';
import { openJob } from '../../node/cli/job/index.ts';
import { openCompute } from '../../node/compute/index.ts';
import {
  createSeal,
  type HelloValues,
  loadIdentity,
  type Network,
  openNetwork,
} from '../../node/net/index.ts';
import { type Seal, SIGNATURE_BYTES, seal } from '../../protocol/claims.ts';
import type { Message } from '../../protocol/messages.ts';
import { place } from '../../protocol/placement.ts';
import { PROTOCOL_VERSION } from '../../protocol/wire.ts';
import { standingWith } from '../helpers/standing.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { freeAddress } from '../net/helpers.ts';
import { type Running, runCommand, startCommand } from './command.ts';
import { type Header, LIES, NONSENSE, type Saying } from './nonsense.ts';

/** Steps, groups and clipping that bring every kind of message about. */
const CHANGES = {
  steps: 40,
  groups: 'model',
  optimizer: { name: 'sgd', learningRate: 0.05, clipNorm: 1 },
};

test('a member that talks nonsense is cut off, and the run ends in its own bits', async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder, CHANGES);
  const address = await freeAddress();
  const node = (name: string, ...flags: string[]) => {
    const named = ['--out', `out-${name}`, '--set', `network.name=${name}`, ...flags];
    return startCommand(t, folder, 'node', 'my.yaml', '--nodes', '2', '--json', ...named);
  };
  const merlin = node('merlin', '--peer', address);
  await merlin.says(/merlin listens on/);
  merlin.child.kill('SIGSTOP');
  const kestrel = node('kestrel', '--listen', address);
  await kestrel.says(/kestrel listens on/);
  await pretend(t, folder, kestrel);
  merlin.child.kill('SIGCONT');
  const outcomes = await Promise.all([kestrel.ended, merlin.ended]);
  const alone = ['local', 'my.yaml', '--nodes', '1', '--json', '--out', 'alone'];
  outcomes.push(await runCommand(t, folder, ...alone));
  const ends = outcomes.map(({ exitCode, stdout, stderr }) => {
    t.is(exitCode, 0, stderr);
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '').paramsHash;
  });
  t.regex(ends[0], /^[0-9a-f]{64}$/);
  t.deepEqual(ends, [ends[0], ends[0], ends[0]]);
});

/** Says all the nonsense to kestrel, with merlin's identity; a connection each. */
async function pretend(t: ExecutionContext, folder: string, kestrel: Running): Promise<void> {
  const [, address, peerId] = await kestrel.says(/kestrel listens on (\S+\/p2p\/(\S+))/);
  const identity = await loadIdentity(
    join(folder, 'out-merlin', 'state', 'merlin', 'identity.key'),
  );
  const hello = await helloOf(folder);
  const connect = () => connectAs(t, { identity, hello, address: address! });
  const first = await connect();
  const { root } = await first.heard(() => true);
  await first.network.close();
  const self = identity.publicKey.toString();
  const { unit, buckets, bucketCount } = await sharesOf(folder, peerId!, self);
  const standing = standingOf(root, bucketCount);

  const sign = (message: Header) => signedBy(createSeal(identity), hello.runId, message);
  const say = async (
    cuckoo: Cuckoo,
    [what, of, header, payload, answer]: Saying,
    headed: (message: Header) => unknown = sign,
  ) => {
    const channel = payload === undefined ? 'control' : 'bulk';
    const due = header['kind'] === 'sum' ? unit : {};
    const message =
      header['kind'] === 'digest'
        ? withStandings(header, standing)
        : { step: 0, root, bucket: buckets[of], ...due, ...header };
    if (header['kind'] === 'want') delete (message as Header)['bucket'];
    cuckoo.network.send(peerId!, headed(message), payload?.slice(), channel);
    const { message: answered } = await cuckoo.refused;
    t.regex(answered, answer, what);
    await cuckoo.network.close();
    t.is(kestrel.child.exitCode, null, what);
  };
  for (const saying of NONSENSE) await say(await connect(), saying);
  for (const [what, headed, answer] of UNSIGNED) {
    await say(await connect(), [what, 'theirs', NORM, undefined, answer], headed);
  }
  for (const [i, saying] of LIES.entries()) {
    const cuckoo = await connect();
    const word = { ...standing, beat: 1 + i };
    cuckoo.network.send(
      peerId!,
      { kind: 'digest', standing: word, vouches: false, about: [] },
      undefined,
      'control',
    );
    await cuckoo.heard(({ has }) => has.some((byte) => byte !== 0));
    await say(cuckoo, saying);
  }
}

const NORM = { kind: 'norm', squaredNorm: 1 };
const NOBODYS = new Uint8Array(SIGNATURE_BYTES);
/** A claim that is all right but for its signature. */
const UNSIGNED: readonly (readonly [string, (claim: Header) => unknown, RegExp])[] = [
  ['no signature', (claim) => claim, /MessageError: message "norm": it is not signed/],
  [
    'half a signature',
    (claim) => ({ claim, signature: NOBODYS.subarray(32) }),
    /MessageError: message "norm": a claim and its signature expected/,
  ],
];

/** The header of a message's frame; what can't be signed has the signature of nobody. */
function signedBy(own: Seal, runId: string, message: Header): unknown {
  const isClaim = ['sum', 'gram', 'norm', 'direction', 'update'].includes(String(message['kind']));
  if (!isClaim) return message;
  try {
    return seal(runId, message as unknown as Message, own);
  } catch {
    return { claim: message, signature: NOBODYS };
  }
}

/** A node at the base that holds nothing, and says so for the first time. */
function standingOf(root: string, bucketCount: number): Header {
  const none = new Uint8Array(Math.ceil(bucketCount / 8));
  return { ...standingWith(root, { beat: 0, has: none, held: none, heldBefore: none }) };
}

/** A digest with what it does not say of a standing filled in. */
function withStandings(header: Header, standing: Header): Header {
  const { about, ...rest } = header as { about: { id: string; standing: Header }[] } & Header;
  const filled = about.map((one) => ({ ...one, standing: { ...standing, ...one.standing } }));
  if (rest['standing'] === undefined) return { ...rest, about: filled };
  return { ...rest, standing: { ...standing, ...(rest['standing'] as Header) }, about: filled };
}

/** What merlin says of itself. */
async function helloOf(folder: string): Promise<HelloValues> {
  const { runId, model, layout, config } = await openJob(await loadConfig(join(folder, 'my.yaml')));
  const compute = await openCompute({
    threads: 1,
    config: model.config,
    layout,
    unitSequences: config.data.unitSequences,
    sequenceLength: config.model.sequenceLength,
  });
  const { numericsClass } = compute;
  await compute.close();
  const versions = { protocolVersion: PROTOCOL_VERSION, packageVersion: '0.0.0' };
  return {
    ...versions,
    runId,
    runParts: {},
    redundancy: 2,
    numericsClass,
    canaryHash: null,
    name: 'cuckoo',
  };
}

/** A bucket that the first node owns, one that the second owns, and a unit that it works on. */
async function sharesOf(folder: string, first: string, second: string) {
  const { runId, layout, manifest } = await openJob(await loadConfig(join(folder, 'my.yaml')));
  const members = [first, second].toSorted().map((id) => ({ id, capacity: 1 }));
  const bucketCount = layout.buckets.length;
  const { holders, workers } = place(members, {
    runId,
    buckets: bucketCount,
    unitsByLanguage: manifest.languages.map(({ unitsPerStep }) => unitsPerStep),
    redundancy: 2,
  });
  const owners = holders.map(([owner]) => owner);
  const language = workers.findIndex((units) => units.includes(second));
  const unit = { language, index: workers[language]?.indexOf(second) };
  const buckets = { ours: owners.indexOf(first), theirs: owners.indexOf(second) };
  return { buckets, unit, bucketCount };
}

interface Pretence {
  readonly identity: Awaited<ReturnType<typeof loadIdentity>>;
  readonly hello: HelloValues;
  readonly address: string;
}

/** What a node says of itself, as far as it matters here. */
interface Word {
  readonly root: string;
  readonly has: Uint8Array;
}

interface Cuckoo {
  readonly network: Network;
  readonly refused: Promise<Error>;
  /** Resolves with the first word of the node, of all since the beginning, that passes. */
  heard(passes: (word: Word) => boolean): Promise<Word>;
}

/** Resolves when the node has let it in. */
async function connectAs(
  t: ExecutionContext,
  { identity, hello, address }: Pretence,
): Promise<Cuckoo> {
  const network = await openNetwork({
    identity,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    peers: [address],
    hello,
    log: { info: () => {}, warn: () => {} },
  });
  t.teardown(() => network.close());
  const refused = new Promise<Error>((resolve) => {
    network.onRefusal(({ error }) => resolve(error));
  });
  const words: Word[] = [];
  const listeners = new Set<() => void>();
  network.onFrame((_peer, header) => {
    if ((header as Header)['kind'] !== 'digest') return;
    words.push((header as { standing: Word }).standing);
    for (const listener of listeners) listener();
  });
  const heard = (passes: (word: Word) => boolean) =>
    new Promise<Word>((resolve) => {
      const look = () => {
        const word = words.find(passes);
        if (word !== undefined) resolve(word);
      };
      listeners.add(look);
      look();
    });
  await new Promise<void>((resolve) => {
    network.onPeer(({ kind }) => {
      if (kind === 'up') resolve();
    });
  });
  return { network, refused, heard };
}
