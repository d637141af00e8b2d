/**
 * What two nodes say before they trust each other and while they keep in touch: the frames of kind
 * `link`, the proof of the network key, and the comparison of both sides' values.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { IsoglossError } from '../../protocol/errors.ts';
import type { FrameLimits } from '../../protocol/wire.ts';
import {
  labelOf,
  NumericsClassError,
  ProtocolVersionError,
  RedundancyMismatchError,
  RunMismatchError,
} from './errors.ts';

export const NONCE_BYTES = 32;
/** More addresses of one node tell nothing new. */
export const ADDRESSES_MAX = 16;
/** Peers in one frame of addresses. */
export const KNOWN_PEERS_MAX = 1024;
/** Until both sides have accepted each other: a hello fits, little else does. */
export const HELLO_LIMITS: FrameLimits = { maxHeaderBytes: 8192, maxPayloadBytes: 0 };

/** Keys of a manifest that a hello tells short hashes of. */
const RUN_PARTS_MAX = 64;

const bytes32 = z.custom<Uint8Array>(
  (value) => value instanceof Uint8Array && value.length === NONCE_BYTES,
  'expected 32 bytes',
);
const text = (max: number) => z.string().max(max);
const addresses = z.array(text(256)).max(ADDRESSES_MAX);

const helloSchema = z.strictObject({
  kind: z.literal('hello'),
  protocolVersion: z.number().int().min(0),
  packageVersion: text(64),
  runId: text(128),
  runParts: z
    .record(text(64), text(64))
    .refine((parts) => Object.keys(parts).length <= RUN_PARTS_MAX, 'too many parts'),
  redundancy: z.number().int().min(1),
  numericsClass: text(256),
  canaryHash: text(128).nullable(),
  name: text(64),
  addresses,
  /** Whether the run has begun at the sender: whoever joins it need not wait for more nodes. */
  isUnderWay: z.boolean(),
});

const linkSchema = z.discriminatedUnion('kind', [
  /** First on every control stream, from both sides. */
  z.strictObject({ kind: z.literal('nonce'), nonce: bytes32 }),
  /** Null where the sender has no network key. Nothing after it is looked at unless it holds. */
  z.strictObject({ kind: z.literal('proof'), proof: bytes32.nullable() }),
  helloSchema,
  /** The other side's hello is accepted. */
  z.strictObject({ kind: z.literal('accept') }),
  /** The sender has the bulk stream. */
  z.strictObject({ kind: z.literal('ready') }),
  /** Where the sender's peers listen. */
  z.strictObject({
    kind: z.literal('peers'),
    peers: z.array(z.strictObject({ peerId: text(128), addresses })).max(KNOWN_PEERS_MAX),
  }),
  /** The sender closes the connection, and why. */
  z.strictObject({ kind: z.literal('refuse'), error: text(64), message: text(2000) }),
  /** The sender leaves, with nothing wrong. */
  z.strictObject({ kind: z.literal('bye') }),
  /** Keeps silence from being mistaken for death. */
  z.strictObject({ kind: z.literal('ping') }),
]);

export type LinkFrame = z.infer<typeof linkSchema>;
export type Hello = z.infer<typeof helloSchema>;
export type KnownPeer = Extract<LinkFrame, { kind: 'peers' }>['peers'][number];

interface Told {
  readonly peerId: string;
  readonly addresses: readonly string[];
}

/** What a peer's peers are told of it. */
export function knownOf({ peerId, addresses }: Told): KnownPeer {
  return { peerId, addresses: [...addresses] };
}

/** The frame, or null if it is none. */
export function parseLinkFrame(header: unknown): LinkFrame | null {
  return linkSchema.safeParse(header).data ?? null;
}

export interface ProofInput {
  readonly senderId: string;
  readonly receiverId: string;
  readonly senderNonce: Uint8Array;
  readonly receiverNonce: Uint8Array;
}

/** HMAC-SHA-256 over both peer ids and nonces; the order keeps a proof from being sent back. */
export function proofOf(key: Uint8Array, input: ProofInput): Uint8Array {
  const hmac = createHmac('sha256', key);
  hmac.update(`isogloss hello\n${input.senderId}\n${input.receiverId}\n`);
  return hmac.update(input.senderNonce).update(input.receiverNonce).digest();
}

/** Whether the other side's proof shows that it has the same key, or none as we have none. */
export function isProven(
  key: Uint8Array | undefined,
  proof: Uint8Array | null,
  input: ProofInput,
): boolean {
  if (key === undefined || proof === null) return key === undefined && proof === null;
  return timingSafeEqual(proofOf(key, input), proof);
}

/** The first value in which two nodes must agree and do not, as an error; null if they agree. */
export function compareHellos(ours: Hello, theirs: Hello, peerId: string): IsoglossError | null {
  const label = labelOf(peerId, theirs.name);
  if (ours.protocolVersion !== theirs.protocolVersion) {
    const [expected, actual] = [ours, theirs].map(
      ({ protocolVersion, packageVersion }) => `${protocolVersion} (isogloss ${packageVersion})`,
    ) as [string, string];
    return new ProtocolVersionError(label, expected, actual);
  }
  if (ours.runId !== theirs.runId) {
    const keys = new Set([...Object.keys(ours.runParts), ...Object.keys(theirs.runParts)]);
    const differing = [...keys].filter((key) => ours.runParts[key] !== theirs.runParts[key]);
    return new RunMismatchError(label, ours.runId, theirs.runId, differing.sort());
  }
  if (ours.redundancy !== theirs.redundancy)
    return new RedundancyMismatchError(label, ours.redundancy, theirs.redundancy);
  if (ours.numericsClass !== theirs.numericsClass)
    return new NumericsClassError(label, ours.numericsClass, theirs.numericsClass);
  const bothProved = ours.canaryHash !== null && theirs.canaryHash !== null;
  if (bothProved && ours.canaryHash !== theirs.canaryHash) {
    const proved = ({ numericsClass, canaryHash }: Hello) =>
      `${numericsClass} with canary ${canaryHash}`;
    return new NumericsClassError(label, proved(ours), proved(theirs));
  }
  return null;
}
