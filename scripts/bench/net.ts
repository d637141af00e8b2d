/**
 * Bulk throughput between two nodes over that of a raw TCP socket in Node: two processes each,
 * writes of 64 KB, measured in turn, medians. Run it with `node scripts/bench/net.ts`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createIdentity, type Network, openNetwork } from '../../node/net/index.ts';
import { PROTOCOL_VERSION } from '../../protocol/wire.ts';

const WRITE_BYTES = 65536;
const MIB = 1024 * 1024;
const ROUNDS = 5;
/** Each about a second, so that starting and stopping don't count. */
const BYTES = { tcp: 1024 * MIB, node: 256 * MIB };
/** One bucket's payload. */
const PAYLOAD_BYTES = 4 * MIB;

type Way = 'tcp' | 'node';
/** Receiver to sender: where it listens, then that a round has arrived whole. */
type Report = { address: string } | { arrived: true };

export interface NetBench {
  readonly tcpBytesPerSecond: number;
  readonly nodeBytesPerSecond: number;
  /** Throughput between nodes over raw TCP; design.md asks for 0.12 and means 0.5 in the end. */
  readonly ratio: number;
}

/** Measures both ways in turn; the receivers are processes of their own. */
export async function benchNet(): Promise<NetBench> {
  const seconds: Record<Way, number[]> = { tcp: [], node: [] };
  const senders = { tcp: await openSender('tcp'), node: await openSender('node') };
  for (let round = -1; round < ROUNDS; round++) {
    for (const way of ['tcp', 'node'] as const) {
      const taken = await senders[way].send();
      // The round before the first warms up both sides.
      if (round >= 0) seconds[way].push(taken);
    }
  }
  for (const way of ['tcp', 'node'] as const) await senders[way].close();
  const tcpBytesPerSecond = BYTES.tcp / median(seconds.tcp);
  const nodeBytesPerSecond = BYTES.node / median(seconds.node);
  return { tcpBytesPerSecond, nodeBytesPerSecond, ratio: nodeBytesPerSecond / tcpBytesPerSecond };
}

interface Sender {
  /** Sends BYTES and gives the seconds until the other side has them all. */
  send(): Promise<number>;
  close(): Promise<void>;
}

async function openSender(way: Way): Promise<Sender> {
  const child = fork(fileURLToPath(import.meta.url), ['receive', way]);
  const first = await nextReport(child);
  if (!('address' in first)) throw new Error('the receiver did not say where it listens');
  const transport = way === 'tcp' ? openTcp(first.address) : await openNode(first.address);
  return {
    async send() {
      const arrived = nextReport(child);
      const startMs = performance.now();
      await transport.send();
      await arrived;
      return (performance.now() - startMs) / 1000;
    },
    async close() {
      const exited = once(child, 'exit');
      await transport.close();
      child.disconnect();
      await exited;
    },
  };
}

async function nextReport(child: ChildProcess): Promise<Report> {
  const [report] = await once(child, 'message');
  return report as Report;
}

function openTcp(address: string) {
  const socket = connect(Number(address), '127.0.0.1');
  const chunk = new Uint8Array(WRITE_BYTES);
  return {
    async send() {
      for (let sent = 0; sent < BYTES.tcp; sent += chunk.length)
        if (!socket.write(chunk)) await once(socket, 'drain');
    },
    async close() {
      socket.end();
    },
  };
}

async function openNode(address: string) {
  const network = await open([address]);
  const peerId = await new Promise<string>((resolve) =>
    network.onPeer(({ peer }) => resolve(peer.peerId)),
  );
  const payload = new Uint8Array(PAYLOAD_BYTES);
  return {
    async send() {
      for (let sent = 0; sent < BYTES.node; sent += payload.length)
        network.send(peerId, { kind: 'bench' }, payload, 'bulk');
    },
    close: () => network.close(),
  };
}

async function open(peers: string[]): Promise<Network> {
  return await openNetwork({
    identity: await createIdentity(),
    listen: peers.length > 0 ? [] : ['/ip4/127.0.0.1/tcp/0'],
    peers,
    networkKey: new Uint8Array(32).fill(1),
    hello: {
      protocolVersion: PROTOCOL_VERSION,
      packageVersion: 'bench',
      runId: 'bench',
      numericsClass: 'bench',
      runParts: {},
      redundancy: 1,
      canaryHash: null,
      name: 'bench',
    },
    limits: { maxPayloadBytes: PAYLOAD_BYTES, maxQueuedBytes: 2 * BYTES.node },
    log: { info: () => {}, warn: (line) => console.error(line) },
  });
}

/** The other process: counts what arrives, and says when a round is whole. */
async function receive(way: Way): Promise<void> {
  const report = (message: Report) => process.send?.(message);
  let received = 0;
  const count = (bytes: number) => {
    received += bytes;
    if (received < BYTES[way]) return;
    received -= BYTES[way];
    report({ arrived: true });
  };
  if (way === 'node') {
    const network = await open([]);
    network.onFrame((_peerId, _header, payload) => count(payload?.length ?? 0));
    process.on('disconnect', () => void network.close());
    report({ address: network.addresses()[0]! });
    return;
  }
  const server = createServer((socket) => socket.on('data', ({ length }) => count(length)));
  server.listen(0, '127.0.0.1', () =>
    report({ address: String((server.address() as AddressInfo).port) }),
  );
  process.on('disconnect', () => server.close());
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [role, way] = process.argv.slice(2);
  if (role === 'receive') await receive(way === 'tcp' ? 'tcp' : 'node');
  else {
    const { tcpBytesPerSecond, nodeBytesPerSecond, ratio } = await benchNet();
    const rate = (bytes: number) => `${Math.round(bytes / 1e6)} MB/s`;
    console.log(
      `bulk throughput between two nodes over raw TCP: ${ratio.toFixed(3)} ` +
        `(${rate(nodeBytesPerSecond)} over ${rate(tcpBytesPerSecond)}, bound 0.12)`,
    );
  }
}
