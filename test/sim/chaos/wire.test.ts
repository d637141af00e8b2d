/** What the wires and proxies of chaos do to bytes: order, delay, blocks, resets, garbage. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { FaultOf, Schedule } from '../../../sim/chaos/index.ts';
import { Links } from '../../../sim/chaos/links.ts';

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));

interface Bench {
  readonly links: Links;
  /** Of the node "b". */
  readonly server: Server;
  /** "a" dials "b". */
  dial(): Promise<{ a: Socket; b: Socket }>;
}

async function open(t: ExecutionContext): Promise<Bench> {
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const links = await Links.open(1, [
    { name: 'a', port: 1 },
    { name: 'b', port },
  ]);
  t.teardown(async () => {
    await links.close();
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  const dial = async () => {
    const a = connect(links.port('a', 'b'), '127.0.0.1').on('error', () => {});
    while (accepted.length === 0) await delay(5);
    return { a, b: accepted.shift()! };
  };
  return { links, server, dial };
}

/** All that comes until the other side ends. */
async function received(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  await new Promise((resolve) => socket.once('close', resolve).once('end', resolve));
  return Buffer.concat(parts);
}

const both = { peers: [], oneWay: false };
const always = { atMs: 0, durationMs: null, nodes: ['a'] };

const HARMLESS: readonly [string, Schedule][] = [
  ['no fault', []],
  ['latency', [{ ...always, fault: 'latency', args: { ...both, addMs: 5, jitterMs: 20 } }]],
  ['loss', [{ ...always, fault: 'loss', args: { ...both, share: 0.2, burst: 2, againMs: 5 } }]],
  ['bandwidth', [{ ...always, fault: 'bandwidth', args: { ...both, bytesPerS: 3e6 } }]],
  ['slice', [{ ...always, fault: 'slice', args: { ...both, bytes: 777 } }]],
];

for (const [name, faults] of HARMLESS) {
  test(`under ${name} all bytes arrive in order`, async (t) => {
    const { links, dial } = await open(t);
    const heals = faults.map((fault) => links.begin(fault as FaultOf<'latency'>));
    const { a, b } = await dial();
    a.end(BYTES);
    t.true((await received(b)).equals(BYTES));
    for (const heal of heals) heal();
  });
}

test('a narrow wire takes its time', async (t) => {
  const { links, dial } = await open(t);
  links.begin({ ...always, fault: 'bandwidth', args: { ...both, bytesPerS: 1e6 } });
  const { a, b } = await dial();
  const startedMs = performance.now();
  a.end(BYTES);
  await received(b);
  t.true(performance.now() - startedMs > 250);
});

test('through a partition nothing passes, and what was sent comes after it', async (t) => {
  const { links, dial } = await open(t);
  const { a, b } = await dial();
  const groups = [['a'], ['b']];
  const heal = links.begin({ ...always, fault: 'partition', nodes: [], args: { groups } });
  let bytes = 0;
  b.on('data', (part: Buffer) => {
    bytes += part.length;
  });
  a.write(BYTES);
  await delay(100);
  t.is(bytes, 0);
  heal();
  while (bytes < BYTES.length) await delay(5);
  t.is(bytes, BYTES.length);
});

test('a reset ends both sides', async (t) => {
  const { links, dial } = await open(t);
  const { a, b } = await dial();
  const ends = Promise.all([a, b].map((s) => new Promise((resolve) => s.once('close', resolve))));
  links.begin({ ...always, fault: 'reset', args: both });
  await ends;
  t.true(a.destroyed && b.destroyed);
});

test('of a half-open connection one side knows nothing', async (t) => {
  const { links, dial } = await open(t);
  const { a, b } = await dial();
  const ended = new Promise((resolve) => b.once('close', resolve));
  links.begin({ ...always, fault: 'halfOpen', args: { peers: ['b'], oneWay: false } });
  await ended;
  a.write(BYTES);
  await delay(50);
  t.false(a.destroyed);
  a.destroy();
});

test('garbage changes bits and no length', async (t) => {
  const flip: FaultOf<'flip'> = {
    ...always,
    fault: 'flip',
    args: { ...both, share: 1, part: 'payload' },
  };
  const { links, dial } = await open(t);
  links.begin(flip);
  const { a, b } = await dial();
  a.end(BYTES);
  const got = await received(b);
  t.is(got.length, BYTES.length);
  t.false(got.equals(BYTES));
});

test('while dials are refused no new connection lives', async (t) => {
  const { links } = await open(t);
  const heal = links.begin({ ...always, fault: 'refuseDial', args: both });
  const socket = connect(links.port('a', 'b'), '127.0.0.1').on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
  heal();
  t.pass();
});
