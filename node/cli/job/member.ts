/**
 * One node of a run in this process: opens the network, waits for the others, runs, and keeps its
 * own checkpoints. What it has to say goes to its host: a terminal, or a launcher.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Compute } from '../../compute/index.ts';
import { loadIdentity, type Network, type PeerInfo } from '../../net/index.ts';
import {
  EarlyFrames,
  type NodeOptions,
  type NodeResult,
  RunningNode,
} from '../../runtime/index.ts';
import { type Checkpoint, removeTemporaries, writeShard } from '../../store/index.ts';
import { IDENTITY_FILE } from '../places.ts';
import { describeRunning, OwnStatus, PeerLog, serveStatus } from '../status/index.ts';
import { nextIncarnation } from './incarnation.ts';
import { openMemberNetwork, waitForOthers } from './meet.ts';
import { nodeName } from './names.ts';
import type { Job } from './open-job.ts';
import { placeMembers } from './place-members.ts';
import { Refusals } from './refusals.ts';
import type { LoggedStep } from './step-report.ts';

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
  const { folder, job, nodes } = options;
  await mkdir(folder, { recursive: true });
  await removeTemporaries(folder);
  const identity = await loadIdentity(join(folder, IDENTITY_FILE));
  const name = options.name ?? nodeName(identity.publicKey.raw[0] ?? 0);
  const refusals = new Refusals();
  const warn = (text: string) => {
    if (!refusals.isFatal) host.note(text);
  };
  const { layout, runId, config } = job;
  const facts = { name, peerId: identity.publicKey.toString(), runId };
  const status = new OwnStatus({ ...facts, steps: config.steps, buckets: layout.buckets.length });
  const server = await serveStatus(folder, () => status.document, host.note);
  try {
    const network = await openMemberNetwork(options, identity, name, warn);
    network.onRefusal((refusal) => refusals.add(refusal));
    const frames = new EarlyFrames(network);
    status.waits(nodes, () => network.peers().map((peer) => peer.name));
    try {
      host.listening({ name, peerId: network.peerId, addresses: network.addresses() });
      const others = await waitForOthers(network, options, host, refusals, stop);
      refusals.end();
      return await run({ name, network, frames, others, status }, options, host, stop);
    } finally {
      await network.close();
    }
  } finally {
    await server.close();
  }
}

interface Parts {
  readonly name: string;
  readonly network: Network;
  readonly frames: EarlyFrames;
  readonly others: readonly PeerInfo[];
  readonly status: OwnStatus;
}

async function run(
  { name, network, frames, others, status }: Parts,
  { job, compute, checkpoints, folder, nodes }: MemberOptions,
  host: MemberHost,
  stop: AbortSignal,
): Promise<MemberResult> {
  const { manifest, corpora, model } = job;
  const { numericsClass } = compute;
  const self = network.peerId;
  const peers = new PeerLog({ peerId: self, name }, others);
  const members = [...peers.names.keys()].sort().map((id) => ({ id, capacity: 1 }));
  const { holders, buckets, units } = placeMembers(job, members, self, peers.names);
  const share = (): MemberShare => {
    const { sent, received } = network.bytes();
    return { bytesSent: sent, bytesReceived: received, buckets, units };
  };
  // A folder is written to by one at a time, and steps may be faster than the disk.
  let written: Promise<void> = Promise.resolve();
  const node = new RunningNode({
    ...runOptions(job, {
      self,
      numericsClass,
      incarnation: await nextIncarnation(folder, Date.now()),
    }),
    members: members.map(({ id }) => id),
    disk: checkpoints,
    base: model.values,
    compute,
    network: nodes === 1 && others.length === 0 ? null : peers.watch(frames.handOver()),
    unit: (language, step, unit) => corpora[language]!.unit(step, unit),
    checkpoint: async (shard) => {
      const own = { ...shard, run: manifest, numericsClass, node: name, holders };
      const path = written.then(() => writeShard(folder, own));
      written = path.then(() => {});
      const held = shard.buckets.map(({ bucket }) => bucket);
      host.checkpointed(shard.step, await path, held);
      return await path;
    },
    onStepped: (stepped) => host.stepped(stepped, share()),
    onLog: (_, text) => host.note(withNames(text, peers.names)),
  });
  const onStop = () => node.stop();
  try {
    host.started(others, share());
    await node.start();
    status.runs(() => describeRunning(self, node.status, peers));
    stop.addEventListener('abort', onStop);
    if (stop.aborted) onStop();
    return { ...(await node.done), share: share() };
  } finally {
    stop.removeEventListener('abort', onStop);
    await node.close();
  }
}

/** What all nodes of a run agree on, and this one's name for itself. */
function runOptions(
  { config, manifest, runId, layout, groups, corpora, loaded }: Job,
  own: Pick<NodeOptions['actor'], 'self' | 'numericsClass' | 'incarnation'>,
): Pick<NodeOptions, 'actor' | 'bulk'> {
  const { steps, aggregator, optimizer, network, output, wire } = config;
  const actor = {
    ...{ ...own, redundancy: network.redundancy },
    ...{ runId, steps, layout, groups },
    languages: manifest.languages.map(({ id, unitsPerStep }) => ({ id, unitsPerStep })),
    clips: optimizer.clipNorm !== null,
    checkpointEverySteps: output.checkpointEverySteps,
  };
  const bulk = {
    ...{ runId, steps, layout, groups, aggregator, optimizer },
    languages: corpora.length,
    codec: wire.codec,
    // An own aggregator's module is imported by the thread itself.
    ...(loaded.own && {
      aggregatorModule: { path: loaded.own.path, sha256: loaded.own.sha256 },
    }),
  };
  return { actor, bulk };
}

/** The actor knows its peers by their ids only. */
function withNames(text: string, names: ReadonlyMap<string, string>): string {
  return [...names].reduce((told, [id, name]) => told.replaceAll(id, name), text);
}
