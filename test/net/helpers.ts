/** Real nodes on loopback for tests of the network, and what it takes to wait for them. */
import type { ExecutionContext } from 'ava';
import {
  createIdentity,
  createSeal,
  type HelloValues,
  type Network,
  type NetworkOptions,
  openNetwork,
  type PeerEvent,
  type Refusal,
} from '../../node/net/index.ts';
import type { Seal } from '../../protocol/claims.ts';
import { PROTOCOL_VERSION } from '../../protocol/wire.ts';
import { freePorts } from '../../sim/chaos/ports.ts';

export const HELLO: HelloValues = {
  protocolVersion: PROTOCOL_VERSION,
  packageVersion: '0.1.0',
  runId: 'a'.repeat(64),
  numericsClass: 'reference-1',
  runParts: {},
  redundancy: 2,
  canaryHash: null,
  name: 'kestrel',
};
export const KEY = new Uint8Array(32).fill(7);
export const LOOPBACK = '/ip4/127.0.0.1/tcp/0';

export interface Received {
  peerId: string;
  header: unknown;
  payload: Uint8Array<ArrayBuffer> | undefined;
}

/** A node that remembers all that happens to it. */
export interface TestNode {
  network: Network;
  /** Of its identity, unless another was given. */
  seal: Seal;
  address: string;
  frames: Received[];
  events: PeerEvent[];
  refusals: Refusal[];
  lines: string[];
}

/** Opens a node and closes it when the test ends. */
export async function openNode(
  t: ExecutionContext,
  options: Omit<Partial<NetworkOptions>, 'hello'> & { hello?: Partial<HelloValues> } = {},
): Promise<TestNode> {
  const lines: string[] = [];
  const log = {
    info: (line: string) => lines.push(line),
    warn: (line: string) => lines.push(line),
  };
  const identity = await createIdentity();
  const network = await openNetwork({
    identity,
    listen: [LOOPBACK],
    peers: [],
    log,
    ...options,
    hello: { ...HELLO, ...options.hello },
  });
  const node: TestNode = {
    network,
    seal: createSeal(identity),
    address: network.addresses()[0] ?? '',
    frames: [],
    events: [],
    refusals: [],
    lines,
  };
  network.onFrame((peerId, header, payload) => node.frames.push({ peerId, header, payload }));
  network.onPeer((event) => node.events.push(event));
  network.onRefusal((refusal) => node.refusals.push(refusal));
  t.teardown(() => network.close());
  return node;
}

/** Where nothing listens, and a node may begin to. */
export async function freeAddress(): Promise<string> {
  const [port] = await freePorts(1);
  return `/ip4/127.0.0.1/tcp/${port}`;
}

/** Opens two nodes, the second dialling the first, and waits until both see each other. */
export async function openPair(
  t: ExecutionContext,
  options: Parameters<typeof openNode>[1] = {},
): Promise<[TestNode, TestNode]> {
  const first = await openNode(t, options);
  const second = await openNode(t, { ...options, peers: [first.address] });
  await until(() => [first, second].every(({ network }) => network.peers().length === 1));
  return [first, second];
}

/** Resolves when `condition` holds; a test that never gets there ends by ava's own limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
