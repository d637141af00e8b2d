/**
 * What a run tells the person or program in front of it: its start, its steps, its evaluations and
 * its report. Data only; how it looks is said elsewhere. Languages are named by their ids.
 */
import type { LanguageReport, LanguageRole } from '../../data/index.ts';
import type { Report } from './report.ts';

/** A run that several are told apart by: the one asked for, or the plain mean beside it. */
export type RunPart = 'main' | 'baseline';

/** Once, when the nodes are up and before step 1. */
export interface RunStarted {
  readonly part: RunPart;
  /** Of isogloss. */
  readonly version: string;
  /** 64 hex digits. */
  readonly runId: string;
  readonly engine: string;
  /** Why this engine, and why not those before it; one line. */
  readonly engineReason: string;
  readonly numericsClass: string;
  readonly threadsPerNode: number;
  readonly seed: number;
  readonly steps: number;
  /** Steps that were done before: 0, or where a resumed run goes on. */
  readonly firstStep: number;
  readonly aggregator: StartedMethod;
  /** In words: `bucket by bucket`. */
  readonly groups: string;
  readonly codec: string;
  readonly parameters: number;
  readonly buckets: number;
  readonly data: readonly LanguageReport[];
  readonly nodes: readonly StartedNode[];
}

/** What conflicts are resolved by. */
export interface StartedMethod {
  readonly name: string;
  readonly normalize: string;
  /** Those that are not what they are by default. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Where an own one lies; left out for ours. */
  readonly module?: string;
}

/** One node that takes part. */
export interface StartedNode {
  readonly name: string;
  readonly peerId: string;
  /** Left out where the node is not a process of this machine. */
  readonly pid?: number;
  /** Buckets that it owns, and work units that it computes a step; left out where not known. */
  readonly buckets?: number;
  readonly unitsPerStep?: number;
}

/** Two languages whose gradients conflict, as ids, and the mean of their cosines. */
export interface LanguagePair {
  readonly a: string;
  readonly b: string;
  readonly meanCosine: number;
}

/** Conflicts of one step, or of many together. */
export interface ConflictCounts {
  /** Resolutions: buckets times steps. */
  readonly bucketSteps: number;
  /** Those of them in which some cosine was below 0. */
  readonly conflicting: number;
  /** Pairs that conflicted somewhere, the lowest mean cosine first. */
  readonly pairs: readonly LanguagePair[];
}

/** After every step. */
export interface StepReport {
  readonly part: RunPart;
  /** The steps that are done, 1 to `steps`. */
  readonly step: number;
  readonly steps: number;
  /** By language: mean −ln p per token; null without a scored token. */
  readonly losses: Readonly<Record<string, number | null>>;
  /** Plain mean over the languages; null if none has one. */
  readonly loss: number | null;
  /** Scored tokens of this step. */
  readonly tokens: number;
  /** The same by language. */
  readonly languageTokens: Readonly<Record<string, number>>;
  /** Of all nodes together, lately. */
  readonly tokensPerSecond: number;
  /** Bytes sent so far by the nodes that are reported on. */
  readonly wireBytes: number;
  readonly learningRate: number;
  readonly conflicts: ConflictCounts;
  /** By language: its weight as a share of all, in the mean over the buckets where it has a row. */
  readonly weights: Readonly<Record<string, number>>;
  /** Buckets of which the method says that it did not solve what it solves. */
  readonly unsolved: number;
  /** Groups in which the direction goes against a language, by more than rounding. */
  readonly harmed: number;
  /** The largest relative duality gap of the step; null where nothing is solved. */
  readonly gapRelativeMax: number | null;
  /** Σ_b q_b, and q(Σ_b G_b): how far from stationary, by bucket and as a whole. */
  readonly residualBucket: number;
  readonly residualGlobal: number;
  /** Stationary in every bucket and not as a whole. */
  readonly stalled: boolean;
  /** How many groups a stalled step was resolved in, where the policy made them fewer; or null. */
  readonly coarserGroups: number | null;
  /** root(step), in hex. */
  readonly root: string;
}

/** One language's scores. */
export interface EvaluatedLanguage {
  readonly language: string;
  readonly role: LanguageRole;
  /** Mean −ln p per token, float64. */
  readonly loss: number;
  readonly bitsPerByte: number;
  readonly tokens: number;
}

/** Scores of all languages at one step; 0 is the base. */
export interface EvaluationReport {
  readonly part: RunPart;
  readonly step: number;
  readonly languages: readonly EvaluatedLanguage[];
}

/** The last thing a run says; `OUT/report.json` holds the same. */
export type FinalReport = Report;
