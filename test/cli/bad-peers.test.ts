/**
 * Who does not belong to a run of `isogloss node`, from the outside: each is refused by name on
 * both sides, and the two nodes that belong together finish with the bits of a run left in peace.
 */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createIdentity, type HelloValues, openNetwork } from '../../node/net/index.ts';
import { encodeFrame, PROTOCOL_VERSION } from '../../protocol/wire.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { until } from '../net/helpers.ts';
import { type Running, runCommand, startCommand } from './command.ts';
import { sendBytes } from './stranger.ts';

const KEY = new Uint8Array(32).fill(7);
const STEPS = '30';
const hex = (key: Uint8Array) => Buffer.from(key).toString('hex');

/** What all tests share: a run's folder, and its first node, which waits for the second. */
interface Shared {
  readonly folder: string;
  readonly kestrel: Running;
  /** Where kestrel listens, with its peer id. */
  readonly address: string;
}
let shared: Shared;
const ends: (() => unknown)[] = [];

/** The command for a node. */
const nodeArgs = (name: string, ...flags: string[]) => [
  ...['node', 'my.yaml', '--nodes', '2', '--steps', STEPS, '--json', '--out', `out-${name}`],
  ...['--set', `network.name=${name}`, '--set', 'network.keyFile=network.key', ...flags],
];

test.before(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isogloss-test-'));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  await writeTinyRun(folder);
  await writeFile(join(folder, 'network.key'), `${hex(KEY)}\n`);
  await writeFile(join(folder, 'other.key'), `${hex(KEY.map((byte) => byte + 1))}\n`);
  const ending = { teardown: (end: () => unknown) => ends.unshift(end) };
  const kestrel = startCommand(ending, folder, ...nodeArgs('kestrel'));
  const [, address] = await kestrel.says(/kestrel listens on (\S+)/);
  shared = { folder, kestrel, address: address! };
});

test.after.always(async () => {
  for (const end of ends) await end();
});

/**
 * Starts a node that should not get in: it ends with code 1 and says why, once. Kestrel says why
 * too, and waits on.
 */
async function checkTurnedAway(
  t: ExecutionContext,
  name: string,
  flags: readonly string[],
  { theirs, ours }: { readonly theirs: RegExp; readonly ours: RegExp },
): Promise<void> {
  const { folder, kestrel, address } = shared;
  const { exitCode, stderr } = await runCommand(
    t,
    folder,
    ...nodeArgs(name, '--peer', address, ...flags),
  );
  t.is(exitCode, 1, stderr);
  const errors = stderr.split('\n').filter((line) => /^\w+Error/.test(line));
  t.is(errors.length, 1, stderr);
  t.regex(errors[0] ?? '', theirs);
  await kestrel.says(ours);
  t.is(kestrel.child.exitCode, null);
}

test.serial(
  'a node with another manifest is turned away, with both runs and the key named',
  async (t) => {
    const runs = 'is of run [0-9a-f]{64}, this node of run [0-9a-f]{64}: seed differs\\. Start all';
    await checkTurnedAway(t, 'osprey', ['--seed', '99'], {
      theirs: new RegExp(`^RunMismatchError: kestrel \\(…\\w{6}\\) ${runs}`),
      ours: new RegExp(`^RunMismatchError: osprey \\(…\\w{6}\\) ${runs}`, 'm'),
    });
  },
);

test.serial('a node with another network key is turned away, and no key is told', async (t) => {
  const differs =
    'the network key differs, or no isogloss node is there\\. Give all nodes the same';
  await checkTurnedAway(t, 'hobby', ['--set', 'network.keyFile=other.key'], {
    theirs: new RegExp(`^NetworkKeyError \\S+/tcp/\\d+\\S*: ${differs}`),
    ours: new RegExp(`^NetworkKeyError: /ip4/127\\.0\\.0\\.1: ${differs}`, 'm'),
  });
  t.false(shared.kestrel.stderr.includes(hex(KEY)));
});

test.serial('a node of another numerics class is turned away, with both classes', async (t) => {
  const both = (a: string, b: string) =>
    `computes as ${a}-\\S+, this node as ${b}-\\S+: bits would`;
  await checkTurnedAway(t, 'buzzard', ['--engine', 'wasm'], {
    theirs: new RegExp(`^NumericsClassError: kestrel \\(…\\w{6}\\) ${both('onnx', 'wasm')}`),
    ours: new RegExp(`^NumericsClassError: buzzard \\(…\\w{6}\\) ${both('wasm', 'onnx')}`, 'm'),
  });
});

test.serial(
  'a node says why it waits where something else listens, and can be stopped',
  async (t) => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    t.teardown(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const address = `/ip4/127.0.0.1/tcp/${port}`;
    const node = startCommand(t, shared.folder, ...nodeArgs('goshawk', '--peer', address));
    const [, reason] = await node.says(
      new RegExp(`^waiting for ${address} .*start\\): (.*)$`, 'm'),
    );
    t.is(
      reason,
      `${address}: closed during the handshake. Start the node there, or open its port.`,
    );
    node.child.kill('SIGINT');
    const { exitCode, stderr } = await node.ended;
    t.is(exitCode, 130);
    t.regex(stderr, /^stopped before the run had begun; nothing is lost$/m);
  },
);

test.serial('a port in use is named, and ends the node', async (t) => {
  const { folder, kestrel, address } = shared;
  const listen = address.replace(/\/p2p\/.*/, '');
  const args = nodeArgs('sparrowhawk', '--listen', listen);
  const { exitCode, stderr } = await runCommand(t, folder, ...args);
  t.is(exitCode, 1);
  const last = stderr.trimEnd().split('\n').at(-1);
  const remedy = 'Stop what listens there, or take another port.';
  t.is(last, `PortInUseError: ${listen} is in use. ${remedy}`);
  t.is(kestrel.child.exitCode, null);
});

/** A peer of our own making that has the key, and says in its hello what it likes. */
async function openLiar(t: ExecutionContext, changes: Partial<HelloValues>) {
  const hello: HelloValues = {
    protocolVersion: PROTOCOL_VERSION,
    packageVersion: '0.0.0',
    runId: 'f'.repeat(64),
    numericsClass: 'none',
    runParts: {},
    redundancy: 2,
    canaryHash: null,
    name: 'cuckoo',
    ...changes,
  };
  const network = await openNetwork({
    identity: await createIdentity(),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    peers: [shared.address],
    networkKey: KEY,
    hello,
    log: { info: () => {}, warn: () => {} },
  });
  t.teardown(() => network.close());
  const refused = new Promise<Error>((resolve) => {
    network.onRefusal(({ error }) => resolve(error));
  });
  return { network, refused };
}

test.serial('a peer of another protocol version is told both versions', async (t) => {
  const { refused } = await openLiar(t, { protocolVersion: 99, packageVersion: '9.9.9' });
  const error = await refused;
  t.is(error.name, 'ProtocolVersionError');
  t.regex(error.message, /speaks protocol 5 \(isogloss \S+\), this node 99 \(isogloss 9\.9\.9\)\./);
  await shared.kestrel.says(
    /^ProtocolVersionError: cuckoo \(…\w{6}\) speaks protocol 99 \(isogloss 9\.9\.9\), this/m,
  );
  t.is(shared.kestrel.child.exitCode, null);
});

const nonce = Buffer.concat(
  encodeFrame({ kind: 'nonce', nonce: new Uint8Array(32) }, undefined, 'link'),
);

function changed(at: number, value: number): Buffer {
  const bytes = Buffer.from(nonce);
  bytes[at] = value;
  return bytes;
}

const HOSTILE: readonly (readonly [what: string, bytes: Uint8Array, refusal: RegExp])[] = [
  ['of another version', changed(4, 9), /^ProtocolVersionError: .*speaks protocol 9, this node 5/],
  ['that is too long', changed(11, 0x7f), /^FrameTooLongError: .* bytes long, the limit is 8192/],
  ['that is none', new Uint8Array(64).fill(0x47), /^FrameMalformedError: .*no frame/],
  ['with a broken header', changed(16, 0xc1), /^FrameMalformedError: header: /],
];

for (const [what, bytes, refusal] of HOSTILE) {
  test.serial(`a frame ${what} closes its sender's stream, and never the node`, async (t) => {
    const { kestrel, address } = shared;
    const { told, label } = await sendBytes(address, KEY, [bytes]);
    t.regex(told, refusal);
    await kestrel.says(new RegExp(`^${/^\w+/.exec(told)?.[0]}: .*…${label}`, 'm'));
    t.is(kestrel.child.exitCode, null);
  });
}

test.serial('the two that belong together finish with the bits of a run in peace', async (t) => {
  const { folder, kestrel, address } = shared;
  const merlin = startCommand(t, folder, ...nodeArgs('merlin', '--peer', address));
  await kestrel.says(/"type":"step"/, 'stdout');
  // In the middle of the run.
  merlin.child.kill('SIGSTOP');
  const { runId, numericsClass } = JSON.parse(
    /^.*"type":"run".*$/m.exec(kestrel.stdout)?.[0] ?? '',
  );
  const attacks = HOSTILE.map(([, bytes]) => sendBytes(address, KEY, [bytes]));
  // One that has the key and the run may join it at any time; that it says nothing holds up nobody.
  const { network: cuckoo } = await openLiar(t, { runId, numericsClass });
  await until(() => cuckoo.peers().length > 0);
  const told = await Promise.all(attacks);
  for (const [index, [, , refusal]] of HOSTILE.entries()) t.regex(told[index]?.told ?? '', refusal);
  merlin.child.kill('SIGCONT');
  const outcomes = await Promise.all([kestrel.ended, merlin.ended]);
  const alone = ['local', 'my.yaml', '--nodes', '1', '--steps', STEPS, '--json', '--out', 'alone'];
  outcomes.push(await runCommand(t, folder, ...alone));
  const hashes = outcomes.map(({ exitCode, stdout, stderr }) => {
    t.is(exitCode, 0, stderr);
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '').paramsHash;
  });
  t.regex(hashes[0], /^[0-9a-f]{64}$/);
  t.deepEqual(hashes, [hashes[0], hashes[0], hashes[0]]);
});

test.serial('a list of who may come is read before anything is written', async (t) => {
  const { folder } = shared;
  await writeFile(join(folder, 'peers.txt'), '# who may come\nkestrel\n');
  const args = nodeArgs('listed', '--set', 'network.allow=peers.txt');
  const { exitCode, stderr } = await runCommand(t, folder, ...args);
  t.is(exitCode, 2);
  t.regex(stderr, /^PathError .*peers\.txt:2: "kestrel" is no peer id such as 12D3Koo…$/m);
  t.notRegex(stderr, /scoring/);
  await t.throwsAsync(stat(join(folder, 'out-listed')), { code: 'ENOENT' });
});

test.serial('the command for the others has the key, and not this node’s own name', async (t) => {
  const { kestrel } = shared;
  const [, flags = ''] = await kestrel.says(/the others: .* node my\.yaml (.*)$/m);
  t.true(flags.includes('--set network.keyFile="network.key"'), flags);
  t.true(flags.includes('--set steps=30'), flags);
  t.false(flags.includes('network.name'), flags);
});
