/** How a node meets the others before a run: opens the network, and waits until they are there. */
import { setTimeout as delay } from 'node:timers/promises';
import { manifestParts, PROTOCOL_VERSION } from '../../../protocol/index.ts';
import type { Refusals } from '../../admission/index.ts';
import {
  type Network,
  type NetworkLimits,
  type NetworkOptions,
  openNetwork,
  type PeerInfo,
} from '../../net/index.ts';
import { packageVersion } from '../version.ts';
import type { MemberHost, MemberOptions } from './member.ts';
import type { Job } from './open-job.ts';

/** How often a wait says for whom. */
const WAIT_TOLD_MS = 5_000;
const POLL_MS = 20;
const MIB = 2 ** 20;
const BYTES_PER_VALUE = 4;

/** Without the others' words: handlers are to be set in the turn in which this resolves. */
export async function openMemberNetwork(
  { job, compute, listen, announce, peers, networkKey, allow }: MemberOptions,
  identity: NetworkOptions['identity'],
  name: string,
  warn: (text: string) => void,
): Promise<Network> {
  const { numericsClass } = compute;
  const canaryHash = await compute.canary();
  return await openNetwork({
    identity,
    listen,
    announce,
    peers,
    networkKey,
    allow,
    hello: {
      protocolVersion: PROTOCOL_VERSION,
      packageVersion,
      runId: job.runId,
      runParts: manifestParts(job.manifest),
      redundancy: job.config.network.redundancy,
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

/**
 * Resolves once all others are up, or one at which the run has begun: whoever is still missing then
 * may be gone for good. Says from time to time how many are missing.
 */
export async function waitForOthers(
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
    if (peers.length >= nodes - 1 || peers.some((peer) => peer.isUnderWay)) {
      network.isUnderWay = true;
      return peers;
    }
    if (performance.now() - toldMs > WAIT_TOLD_MS) {
      toldMs = performance.now();
      const here = peers.map(({ name }) => name).join(', ') || 'nobody else';
      const missing = nodes - 1 - peers.length;
      const alone = `if no more are to come: --nodes ${peers.length + 1}`;
      host.note(`waiting for ${missing} of ${nodes} nodes; here: ${here} (${alone})`);
    }
    await delay(POLL_MS);
  }
}
