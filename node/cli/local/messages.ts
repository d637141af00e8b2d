/** What the launcher and the nodes that it starts say to each other over their pipes. */
import type { EngineName } from '../../compute/index.ts';
import type { Override } from '../config/index.ts';
import type { LoggedStep, MemberFacts, MemberShare } from '../job/index.ts';

/** What a node is to do; a child is told once, first of all. */
export interface ChildTask {
  readonly configPath: string;
  readonly overrides: readonly Override[];
  /** Plain averaging in place of the config's aggregator. */
  readonly baseline: boolean;
  readonly name: string;
  readonly engine: EngineName | undefined;
  readonly threads: number;
  readonly nodes: number;
  /** Where it keeps its identity and its checkpoints. */
  readonly folder: string;
  /** An assembled checkpoint to go on from. */
  readonly checkpointPath: string | null;
  /** Whether it sends what it logs of each step: one of the nodes does for all. */
  readonly logs: boolean;
}

export type ToChild =
  | { readonly kind: 'task'; readonly task: ChildTask }
  /** Addresses to dial; none for the first node. */
  | { readonly kind: 'peers'; readonly addresses: readonly string[] }
  /** Whoever sent what it logged is gone: send it from now on. */
  | { readonly kind: 'log' }
  /** End after the step under way. */
  | { readonly kind: 'stop' };

export type FromChild =
  | { readonly kind: 'listening'; readonly facts: MemberFacts }
  | { readonly kind: 'started'; readonly share: MemberShare }
  | {
      readonly kind: 'stepped';
      readonly step: number;
      readonly root: string;
      /** Null from the nodes that don't log. */
      readonly logged: LoggedStep | null;
      readonly share: MemberShare;
    }
  | {
      readonly kind: 'checkpointed';
      readonly step: number;
      readonly path: string;
      readonly buckets: readonly number[];
    }
  /** `waitedMs`: it tells of a wait, so long within a step. */
  | { readonly kind: 'note'; readonly text: string; readonly waitedMs: number | null }
  | {
      readonly kind: 'finished';
      readonly step: number;
      readonly root: string;
      readonly stopped: boolean;
      readonly paramsHash: string;
      readonly share: MemberShare;
    }
  /** What went wrong, in the words of the command line. */
  | { readonly kind: 'failed'; readonly lines: readonly string[]; readonly exitCode: number };
