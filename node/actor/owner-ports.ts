/** What the owner part needs of the others, and what it gives. */
import type { ValueHashes } from '../../protocol/hashes.ts';
import type { Resolution } from '../../protocol/messages.ts';
import type { Place } from '../../protocol/tree.ts';
import type { Entry } from './reduction.ts';

/** A value that was resolved here. */
export interface Resolved {
  readonly bucket: number;
  readonly hashes: ValueHashes;
  readonly resolution: Resolution;
  readonly kept: boolean;
}

/** What the owner needs of the other parts. */
export interface OwnerPorts {
  /** Whether this node still lacks the whole value(step + 1, bucket), which it is to hold. */
  needs(bucket: number): boolean;
  /** Whether a bucket's sums are asked for here, and not its parts. */
  isMine(bucket: number): boolean;
  /** Whom a bucket's Gram and norm parts concern; none where it is resolved to be certain only. */
  peers(bucket: number): readonly string[];
  /** The nodes that are to take the same optimizer step; none likewise. */
  backups(bucket: number): readonly string[];
  /** The sum under a place has come to stand. */
  summed(language: number, bucket: number, place: Place, entry: Entry): void;
  resolved(resolved: Resolved): void;
}
