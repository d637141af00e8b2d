/**
 * One node of a run in this process: opens the network, waits for the others, runs, and keeps its
 * own checkpoints. What it has to say goes to its host: a terminal, or a launcher.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PROTOCOL_VERSION } from '../../../protocol/index.ts';
import type { Compute } from '../../compute/index.ts';
import {
  loadIdentity,
  type Network,
  type NetworkLimits,
  type NetworkOptions,
  openNetwork,
  type PeerInfo,
} from '../../net/index.ts';
import {
  EarlyFrames,
  type NodeOptions,
  type NodeResult,
  RunningNode,
} from '../../runtime/index.ts';
import { type Checkpoint, removeTemporaries, writeShard } from '../../store/index.ts';
import { packageVersion } from '../version.ts';
import { nodeName } from './names.ts';
import type { Job } from './open-job.ts';
import { placeMembers } from './place-members.ts';
import { Refusals } from './refusals.ts';
import type { LoggedStep } from './step-report.ts';

const IDENTITY_FILE = 'identity.key';
/** How often a wait says for whom. */
const WAIT_TOLD_MS = 5_000;
const POLL_MS = 20;
const MIB = 2 ** 20;
const BYTES_PER_VALUE = 4;

export interface MemberOptions {
  readonly job: Job;
  /** Left out: one that follows from the identity. */
  readonly name: string | undefined;
  /** Of the run's programs; it stays the caller's. */
  readonly compute: Compute;
  /** Holds the identity and this node's own checkpoints. */
  readonly folder: string;
  readonly listen: readonly string[];
  /** Addresses to dial. */
  readonly peers: readonly string[];
  /** Nodes that the run begins with, this one included. */
  readonly nodes: number;
  readonly networkKey: Uint8Array | undefined;
  readonly allow: readonly string[] | undefined;
  /** Where it may go on; without any: at the base, or where the others are. */
  readonly checkpoints: readonly Checkpoint[];
}

/** What is known of a node before the run. */
export interface MemberFacts {
  readonly name: string;
  readonly peerId: string;
  /** With the peer id. */
  readonly addresses: readonly string[];
}

/** Whoever a member runs for. */
export interface MemberHost {
  listening(facts: MemberFacts): void;
  /** All nodes are there, and the run is about to begin. */
  started(others: readonly PeerInfo[], share: MemberShare): void;
  /** In order, the step where the run begins included. */
  stepped(step: LoggedStep, share: MemberShare): void;
  /** A checkpoint of these buckets is durable. */
  checkpointed(step: number, path: string, buckets: readonly number[]): void;
  note(text: string): void;
}

/** What this node has done so far. */
export interface MemberShare {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly buckets: number;
  /** Work units a step. */
  readonly units: number;
}

export interface MemberResult extends NodeResult {
  readonly share: MemberShare;
}

/**
 * Runs to the end. `stop` ends the run after the step under way, on all nodes. Throws what the
 * parts throw; closes what it opened in any case.
 */
export async function runMember(
  options: MemberOptions,
  host: MemberHost,
  stop: AbortSignal,
): Promise<MemberResult> {
  const { folder } = options;
  await mkdir(folder, { recursive: true });
  await removeTemporaries(folder);
  const identity = await loadIdentity(join(folder, IDENTITY_FILE));
  const name = options.name ?? nodeName(identity.publicKey.raw[0] ?? 0);
  const refusals = new Refusals();
  const warn = (text: string) => {
    if (!refusals.isFatal) host.note(text);
  };
  const network = await open(options, identity, name, warn);
  network.onRefusal((refusal) => refusals.add(refusal));
  const frames = new EarlyFrames(network);
  try {
    host.listening({ name, peerId: network.peerId, addresses: network.addresses() });
    const others = await waitForOthers(network, options, host, refusals, stop);
    refusals.end();
    return await run({ name, network, frames, others }, options, host, stop);
  } finally {
    await network.close();
  }
}

async function open(
  { job, compute, listen, peers, networkKey, allow }: MemberOptions,
  identity: NetworkOptions['identity'],
  name: string,
  warn: (text: string) => void,
): Promise<Network> {
  const { numericsClass } = compute;
  const canaryHash = await compute.canary();
  return await openNetwork({
    identity,
    listen,
    peers,
    networkKey,
    allow,
    hello: {
      protocolVersion: PROTOCOL_VERSION,
      packageVersion,
      runId: job.runId,
      numericsClass,
      canaryHash,
      name,
    },
    limits: limitsOf(job),
    log: { info: () => {}, warn },
  });
}

/** Equal on all nodes of a run, because they follow from its manifest. */
function limitsOf({ layout }: Job): Partial<NetworkLimits> {
  const largest = Math.max(...layout.buckets.map(({ length }) => length));
  const modelBytes = BYTES_PER_VALUE * layout.totalLength;
  return {
    maxPayloadBytes: BYTES_PER_VALUE * largest + MIB,
    maxQueuedBytes: Math.max(256 * MIB, 4 * modelBytes),
  };
}

/** Resolves once all others are up; says from time to time how many are missing. */
async function waitForOthers(
  network: Network,
  { nodes }: MemberOptions,
  host: MemberHost,
  refusals: Refusals,
  stop: AbortSignal,
): Promise<PeerInfo[]> {
  let toldMs = performance.now();
  network.onPeer(() => {});
  for (;;) {
    refusals.throwIfFatal();
    stop.throwIfAborted();
    const peers = network.peers();
    if (peers.length >= nodes - 1) return peers;
    if (performance.now() - toldMs > WAIT_TOLD_MS) {
      toldMs = performance.now();
      const here = peers.map(({ name }) => name).join(', ') || 'nobody else';
      const missing = nodes - 1 - peers.length;
      host.note(`waiting for ${missing} of ${nodes} nodes; here: ${here}`);
    }
    await delay(POLL_MS);
  }
}

interface Parts {
  readonly name: string;
  readonly network: Network;
  readonly frames: EarlyFrames;
  readonly others: readonly PeerInfo[];
}

async function run(
  { name, network, frames, others }: Parts,
  { job, compute, checkpoints, folder, nodes }: MemberOptions,
  host: MemberHost,
  stop: AbortSignal,
): Promise<MemberResult> {
  const { manifest, corpora, model } = job;
  const { numericsClass } = compute;
  const names = new Map([
    [network.peerId, name],
    ...others.map((p) => [p.peerId, p.name] as const),
  ]);
  const members = [...names.keys()].sort().map((id) => ({ id, capacity: 1 }));
  const { holders, buckets, units } = placeMembers(job, members, network.peerId, names);
  const share = (): MemberShare => {
    const { sent, received } = network.bytes();
    return { bytesSent: sent, bytesReceived: received, buckets, units };
  };
  // A folder is written to by one at a time, and steps may be faster than the disk.
  let written: Promise<void> = Promise.resolve();
  const node = new RunningNode({
    actor: { self: network.peerId, incarnation: Date.now(), ...actorOptionsOf(job, numericsClass) },
    bulk: bulkOptionsOf(job),
    members: members.map(({ id }) => id),
    disk: checkpoints,
    base: model.values,
    compute,
    network: nodes === 1 && others.length === 0 ? null : frames.handOver(),
    unit: (language, step, unit) => corpora[language]!.unit(step, unit),
    checkpoint: async (shard) => {
      const own = { ...shard, run: manifest, numericsClass, node: name, holders };
      const path = written.then(() => writeShard(folder, own));
      written = path.then(() => {});
      const buckets = shard.buckets.map(({ bucket }) => bucket);
      host.checkpointed(shard.step, await path, buckets);
      return await path;
    },
    onStepped: (stepped) => host.stepped(stepped, share()),
    onLog: (_, text) => {
      for (const peer of network.peers()) names.set(peer.peerId, peer.name);
      host.note(withNames(text, names));
    },
  });
  const onStop = () => node.stop();
  try {
    host.started(others, share());
    await node.start();
    stop.addEventListener('abort', onStop);
    if (stop.aborted) onStop();
    return { ...(await node.done), share: share() };
  } finally {
    stop.removeEventListener('abort', onStop);
    await node.close();
  }
}

/** Equal on all nodes of the run. */
function actorOptionsOf(
  { config, manifest, runId, layout }: Job,
  numericsClass: string,
): Omit<NodeOptions['actor'], 'self' | 'incarnation'> {
  const { steps, groups, optimizer, network, output } = config;
  return {
    ...{ runId, numericsClass, steps, layout, groups },
    languages: manifest.languages.map(({ id, unitsPerStep }) => ({ id, unitsPerStep })),
    clips: optimizer.clipNorm !== null,
    checkpointEverySteps: output.checkpointEverySteps,
    redundancy: network.redundancy,
  };
}

function bulkOptionsOf({ config, runId, layout, corpora }: Job): NodeOptions['bulk'] {
  const { steps, groups, wire, aggregator, optimizer } = config;
  const languages = corpora.length;
  return { runId, steps, languages, layout, groups, codec: wire.codec, aggregator, optimizer };
}

/** The actor knows its peers by their ids only. */
function withNames(text: string, names: ReadonlyMap<string, string>): string {
  return [...names].reduce((told, [id, name]) => told.replaceAll(id, name), text);
}
