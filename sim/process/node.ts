/**
 * A simulated machine: what outlives the processes that run on it (its disk, its clock, what is
 * wrong with it), and the one that runs now.
 */
import { Disk } from '../disk/index.ts';
import type { ActiveFault } from '../network/index.ts';
import type { FaultOf } from '../schedule/faults.ts';
import { Perjury } from './perjury.ts';
import type { Process } from './process.ts';
import type { Difference } from './statements.ts';

/** How the machine's clock tells virtual time; the actor sees this clock only. */
export class NodeClock {
  #rate = 1;
  #sinceMs = 0;
  #localMs: number;
  #lastMs = 0;
  /** At most so much behind when read. */
  noiseMs = 0;

  constructor(originMs: number) {
    this.#localMs = originMs;
  }

  get rate(): number {
    return this.#rate;
  }

  /** Never goes backwards; `share` draws the noise. */
  read(nowMs: number, share: number): number {
    const exact = this.#localMs + (nowMs - this.#sinceMs) * this.#rate;
    this.#lastMs = Math.max(this.#lastMs, exact - this.noiseMs * share);
    return this.#lastMs;
  }

  setRate(nowMs: number, rate: number): void {
    this.#localMs += (nowMs - this.#sinceMs) * this.#rate;
    this.#sinceMs = nowMs;
    this.#rate = rate;
  }

  stepBy(ms: number): void {
    this.#localMs += ms;
  }
}

export type HarmFault =
  | FaultOf<'gradientFlip'>
  | FaultOf<'gradientNonFinite'>
  | FaultOf<'lieSlice'>
  | FaultOf<'lieUpdate'>
  | FaultOf<'equivocate'>
  | FaultOf<'stale'>
  | FaultOf<'forgeOwner'>
  | FaultOf<'wrongLanguage'>
  | FaultOf<'withhold'>
  | FaultOf<'sybil'>;

export class SimNode {
  readonly index: number;
  readonly name: string;
  readonly disk: Disk;
  readonly clock: NodeClock;
  /** How many times as long it computes, by its nature. */
  readonly slowness: number;
  /** Starts so far; each process has a greater one. */
  incarnation = 0;
  running: Process | null = null;
  /** Faults that make it slower, together. */
  readonly slowFactors: number[] = [];
  stragglers: ActiveFault<FaultOf<'stragglers'>>[] = [];
  /** Faults that stop it. */
  pauses = 0;
  /** Values in memory beyond which it is killed. */
  valuesMax = Number.POSITIVE_INFINITY;
  /** Faults that make it wrong, while they are on. */
  harms: ActiveFault<HarmFault>[] = [];
  /** Languages whose text it does not have. */
  readonly lacks = new Set<number>();
  /** In what its next process differs from those of the run, once for each fault. */
  readonly differences: Difference[] = [];
  /** One of many identities of somebody who has never meant to take part. */
  isSybil = false;
  /** Whether it ever was wrong: then it promises less. */
  isHarmed = false;
  /** How often it told or computed what was wrong. */
  lies = 0;
  readonly perjury = new Perjury();
  /** What it said last of each value, whatever the step. */
  readonly said = new Map<string, { readonly step: number; readonly payload: Uint8Array }>();
  /** Crashes in the middle of its next write; with power or without. */
  crashInWrite: { power: boolean } | null = null;
  /** It has been started. */
  isStarted = false;
  /** It went, or is not to come back. */
  isGone = false;
  /** Faults that keep it from running. */
  downs = 0;

  constructor(index: number, name: string, seed: number, slowness: number, originMs: number) {
    this.index = index;
    this.name = name;
    this.disk = new Disk(seed, index);
    this.clock = new NodeClock(originMs);
    this.slowness = slowness;
  }

  /** It is meant to be there at the end. */
  get isMember(): boolean {
    return this.isStarted && !this.isGone && !this.isSybil;
  }

  get slowFactor(): number {
    return this.slowFactors.reduce((product, factor) => product * factor, 1);
  }
}
