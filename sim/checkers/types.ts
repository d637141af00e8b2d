/** What a checker is, and what it says when a promise is broken. */
import type { Event } from '../../node/actor/index.ts';
import type { ValueHashes } from '../../protocol/hashes.ts';
import { eventText } from '../core/trace.ts';
import type { Process } from '../process/index.ts';
import type { Mode } from '../run.ts';
import type { Observer, World } from '../world.ts';

/** The promises, by the names that docs/simulator.md gives them. */
export type CheckerName =
  | 'one hash per name'
  | 'bits of the oracle'
  | 'each unit once'
  | 'versions in order'
  | 'own root only'
  | 'no rewind while a holder lives'
  | 'one rewind a loss'
  | 'a rewind is waited for'
  | 'every holder can go on'
  | 'durable means durable'
  | 'only whole checkpoints are loaded'
  | 'enough copies stay'
  | 'memory is bounded'
  | 'two steps are kept'
  | 'messages are conserved'
  | 'numbers are sound'
  | 'nobody honest is expelled'
  | 'liars are found'
  | 'every error is typed'
  | 'the run goes on'
  | 'all end at the last step'
  | 'nobody ends too early'
  | 'text stays where it is'
  | 'work is not repeated'
  | 'wants can be met'
  | 'wants are bounded'
  | 'throughput comes back'
  | 'strangers stay outside';

export interface Violation {
  readonly checker: CheckerName;
  readonly atMs: number;
  readonly node: string | null;
  readonly step: number | null;
  readonly bucket: number | null;
  /** The event in whose course it was seen. */
  readonly event: string | null;
  readonly text: string;
}

export interface Where {
  readonly running?: Process;
  readonly step?: number;
  readonly bucket?: number;
  readonly event?: Event;
}

/** What the checkers share. */
export interface CheckContext {
  readonly world: World;
  /** By step: the oracle's root. Empty where there is no oracle. */
  readonly roots: readonly string[];
  /** By step and bucket: the hashes of the oracle's values; of the same length. */
  readonly values: readonly (readonly ValueHashes[])[];
  readonly mode: Mode;
  /** Nodes are wrong and not every step is audited, so that others may be misled. */
  readonly hasHarm: boolean;
  report(checker: CheckerName, text: string, where?: Where): void;
}

/** Makes the part of a checker that watches one world. */
export type Checker = (context: CheckContext) => Observer & {
  /** Called once when the run is over. */
  readonly finish?: () => void;
};

export function violationOf(
  checker: CheckerName,
  atMs: number,
  text: string,
  where: Where = {},
): Violation {
  return {
    checker,
    atMs,
    node: where.running?.node.name ?? null,
    step: where.step ?? null,
    bucket: where.bucket ?? null,
    event: where.event === undefined ? null : eventText(where.event),
    text,
  };
}
