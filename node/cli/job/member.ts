/**
 * One node of a run in this process: opens the network, waits for the others, runs, and keeps its
 * own checkpoints. What it has to say goes to its host: a terminal, or a launcher.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../../protocol/assert.ts';
import type { Seal } from '../../../protocol/claims.ts';
import { hashOf } from '../../../protocol/hashes.ts';
import { Refusals } from '../../admission/index.ts';
import type { Compute } from '../../compute/index.ts';
import { createSeal, loadIdentity, type Network, type PeerInfo } from '../../net/index.ts';
import {
  EarlyFrames,
  type NodeResult,
  type OwnShard,
  RunFailedError,
  RunningNode,
} from '../../runtime/index.ts';
import { type Checkpoint, removeTemporaries, writeShard } from '../../store/index.ts';
import { IDENTITY_FILE } from '../places.ts';
import {
  type AskedWord,
  describeRunning,
  OwnStatus,
  PeerLog,
  serveStatus,
} from '../status/index.ts';
import { type NodeEvent, ViewWatch } from './events.ts';
import { nextIncarnation } from './incarnation.ts';
import { openMemberNetwork, waitForOthers } from './meet.ts';
import { nodeName } from './names.ts';
import { nodeOptionsOf } from './node-options.ts';
import type { Job } from './open-job.ts';
import { placeMembers } from './place-members.ts';
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
  /** What peers are told instead; left out: what is listened on. */
  readonly announce?: readonly string[] | undefined;
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
  /** `waitedMs`: it tells of a wait, so long within a step. */
  note(text: string, waitedMs?: number): void;
  /** The user asked it to leave, and it begins to; left out where it may not. */
  leaving?(): void;
  /** Everything it does; left out where nobody collects it. */
  event?(event: NodeEvent): void;
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
  /** Who said first that the run ends before its last step, by name; null where nobody else did. */
  readonly endedBy: string | null;
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
  const answer = (word: AskedWord) => (word === 'leave' ? status.leave() : status.document);
  const server = await serveStatus(folder, answer, host.note);
  try {
    const network = await openMemberNetwork(options, identity, name, warn);
    network.onRefusal((refusal) => refusals.add(refusal));
    const frames = new EarlyFrames(network);
    status.waits(nodes, () => network.peers().map((peer) => peer.name));
    try {
      host.listening({ name, peerId: network.peerId, addresses: network.addresses() });
      const others = await waitForOthers(network, options, host, refusals, stop);
      refusals.end();
      const secret = hashOf('audits of ', identity.raw);
      const seal = createSeal(identity);
      const parts = { name, secret, seal, network, frames, others, status };
      return await run(parts, options, host, stop);
    } finally {
      await network.close();
    }
  } finally {
    await server.close();
  }
}

interface Parts {
  readonly name: string;
  /** What no other node knows. */
  readonly secret: string;
  readonly seal: Seal;
  readonly network: Network;
  readonly frames: EarlyFrames;
  readonly others: readonly PeerInfo[];
  readonly status: OwnStatus;
}

async function run(
  { name, secret, seal, network, frames, others, status }: Parts,
  options: MemberOptions,
  host: MemberHost,
  stop: AbortSignal,
): Promise<MemberResult> {
  const { job, compute, checkpoints, folder, nodes } = options;
  const { numericsClass } = compute;
  const self = network.peerId;
  const peers = new PeerLog({ peerId: self, name }, others);
  const members = [...peers.names.keys()].sort().map((id) => ({ id, capacity: 1 }));
  const { holders, buckets, units } = placeMembers(job, members, self, peers.names);
  const share = (): MemberShare => {
    const { sent, received } = network.bytes();
    return { bytesSent: sent, bytesReceived: received, buckets, units };
  };
  const watch = new ViewWatch();
  const look = () => {
    if (host.event === undefined) return;
    for (const event of watch.look(node.status, (id) => peers.nameOf(id))) host.event(event);
  };
  const incarnation = await nextIncarnation(folder, Date.now());
  const node = new RunningNode({
    ...nodeOptionsOf(job, { self, numericsClass, incarnation, secret }),
    members: members.map(({ id }) => id),
    disk: checkpoints,
    base: job.model.values,
    compute,
    seal,
    network: nodes === 1 && others.length === 0 ? null : peers.watch(frames.handOver()),
    unit: (language, step, unit) => {
      host.event?.({ event: 'computing', step, language, unit });
      return defined(job.corpora[language], 'text of a language').unit(step, unit);
    },
    checkpoint: shardWriter(options, host, { name, holders }),
    onStepped: (stepped) => {
      host.event?.({ event: 'stepped', step: stepped.step, root: stepped.root });
      host.stepped(stepped, share());
      look();
    },
    onLog: ({ text, waitedMs }) => {
      host.note(withNames(text, peers.names), waitedMs);
      look();
    },
  });
  const onStop = () => node.stop();
  const onLeave = () => {
    host.leaving?.();
    node.leave();
  };
  try {
    host.started(others, share());
    await node.start();
    status.runs(() => describeRunning(self, node.status, peers));
    if (host.leaving !== undefined) status.mayLeave(onLeave);
    stop.addEventListener('abort', onStop);
    if (stop.aborted) onStop();
    const result = await node.done.catch((error: unknown) => {
      if (!(error instanceof RunFailedError)) throw error;
      throw error.saidAs((text) => withNames(text, peers.names));
    });
    const by = stop.aborted ? undefined : peers.ending?.by;
    return { ...result, share: share(), endedBy: by === undefined ? null : peers.nameOf(by) };
  } finally {
    stop.removeEventListener('abort', onStop);
    await node.close();
  }
}

/** Writes this node's parts of checkpoints one after another: steps may be faster than the disk. */
function shardWriter(
  { job, compute, folder }: MemberOptions,
  host: MemberHost,
  { name, holders }: { readonly name: string; readonly holders: readonly string[] },
): (shard: OwnShard) => Promise<string> {
  const { manifest, config } = job;
  const { checkpointsKept } = config.output;
  const { numericsClass } = compute;
  let written: Promise<void> = Promise.resolve();
  return async (shard) => {
    const own = { ...shard, run: manifest, numericsClass, node: name, holders };
    const path = written.then(() => writeShard(folder, own, checkpointsKept));
    written = path.then(() => {});
    const buckets = shard.buckets.map(({ bucket }) => bucket);
    host.checkpointed(shard.step, await path, buckets);
    host.event?.({ event: 'checkpointed', step: shard.step });
    return await path;
  };
}

/** The actor knows its peers by their ids only. */
function withNames(text: string, names: ReadonlyMap<string, string>): string {
  return [...names].reduce((told, [id, name]) => told.replaceAll(id, name), text);
}
