/** What audits need of the other parts. */
import type { Place } from '../../protocol/tree.ts';
import type { Entry } from './reduction.ts';

export interface AuditPorts {
  /** Whether this node still lacks the whole next value of a bucket that it holds. */
  needs(bucket: number): boolean;
  /** Resolves a bucket here. */
  open(bucket: number): void;
  /** Takes in a slice of a bucket that is resolved here. */
  file(language: number, bucket: number, place: Place, entry: Entry): void;
  /** A number for one more computation of a unit. */
  attempt(): number;
  /** A node was refused. */
  refused(): void;
  /** This node waits for no answer any more. */
  settled(): void;
}
