/** A running node's own words: what its actor and its network know, with names for people. Pure. */
import type { OtherStatus, Status } from '../../runtime/index.ts';
import type { OtherNode, RunningStatus } from './document.ts';
import type { PeerLog } from './peers.ts';

export function describeRunning(self: string, status: Status, peers: PeerLog): RunningStatus {
  const { owners, others, held, due, filling, copies, missing, absent, ...told } = status;
  const { writing: _, ...rest } = told;
  const owned = owners.flatMap((owner, bucket) => (owner === self ? [bucket] : []));
  const unowned = owners.flatMap((owner, bucket) => (owner === null ? [bucket] : []));
  return {
    ...{ ...rest, owned, unowned },
    absent: absent.map(({ language, at }) => ({ language, at: [...at] })),
    held: [...held],
    due: [...due],
    filling: [...filling],
    copies: [...copies],
    missing: {
      updates: [...missing.updates],
      whole: [...missing.whole],
      grams: [...missing.grams],
      norms: [...missing.norms],
    },
    others: others.map((other) => describeOther(other, peers)),
  };
}

function describeOther(other: OtherStatus, peers: PeerLog): OtherNode {
  const { id, connected: _, refused, ...rest } = other;
  const why = other.alive ? null : whyGone(other, peers.endOf(id));
  if (refused !== null) {
    return { ...rest, peerId: id, name: peers.names.get(id) ?? null, why: `refused: ${refused}` };
  }
  return { ...rest, peerId: id, name: peers.names.get(id) ?? null, why };
}

function whyGone({ step, leaving, finished, connected }: OtherStatus, end?: string): string {
  if (finished) return 'it had finished';
  if (leaving) return 'it left and handed over';
  if (connected) return 'silent, though its connection is open: paused, or its network is cut';
  if (end !== undefined) return end;
  return step === null ? 'it never said a word' : 'silent, and never connected with this node';
}
