/**
 * The course: where this node goes next. It waits until the nodes that it expects have spoken, then
 * heads for the newest reachable step: it works on from where it stands, gathers a newer step that
 * others stand at, or goes back to an older one when the values of its own are lost. Forward and
 * back are one rule.
 */
import type { Hash } from '../../protocol/hashes.ts';
import type { Standing } from '../../protocol/messages.ts';
import type { Context } from './context.ts';
import type { Keeper } from './keeper.ts';
import { Lost } from './lost.ts';
import type { Member } from './member.ts';
import { type Goal, isHeldTogether, newestReachable } from './reach.ts';
import type { Status } from './status.ts';

/** A node so many steps behind gathers; others no longer have what it would need to follow. */
const GATHER_BEHIND = 3;
/** Whoever can't follow for so many deadlines gathers even if it is less far behind. */
const GATHER_WAITS = 2;
/** Nodes that must agree on a step before one that did not follow it believes them. */
const VOICES = 2;
/** A single voice is believed by whoever has no other way to go, after so long. */
const LONELY_MS = 3_000;

export interface CoursePorts {
  standing(): Standing;
  /** Deadlines that passed at this step. */
  waits(): number;
  /** How long a step takes, in milliseconds. */
  stepMs(): number;
  /** Who resolves a bucket; null where nobody holds it. */
  owner(bucket: number): string | null;
  /** Begins to work at the step that this node stands at. */
  work(): void;
  /** Begins to gather; what is at hand of the step is to be wanted. */
  gathers(): void;
  /** Leaves what it was at: nothing of it is of use any more. */
  abandon(): void;
}

type Phase = 'settling' | 'loading' | 'gathering' | 'working';

export class Course {
  readonly #context: Context;
  readonly #member: Member;
  readonly #keeper: Keeper;
  readonly #ports: CoursePorts;
  #phase: Phase = 'settling';
  #goal: Goal | null = null;
  #firstRoot: Hash = '';
  #isRecalling = false;
  #stepAsked = 0;
  readonly #lost: Lost;
  rewinds = 0;
  /** Whether what it gathered before did not belong together. */
  gathersAgain = false;

  constructor(context: Context, member: Member, keeper: Keeper, ports: CoursePorts) {
    this.#context = context;
    this.#lost = new Lost(context);
    this.#member = member;
    this.#keeper = keeper;
    this.#ports = ports;
  }

  begin(firstRoot: Hash): void {
    this.#firstRoot = firstRoot;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The step that it heads for while it does not work. */
  get goal(): Goal | null {
    return this.#goal;
  }

  /** While values are lost and waited for: where it goes then, and in how long. */
  get rewind(): Status['rewind'] {
    return this.#lost.rewind;
  }

  /** Whether this node has not moved on since it was last asked: then its course is in doubt. */
  isHeldUp(): boolean {
    const { step } = this.#context;
    const moved = this.#phase === 'working' && step > this.#stepAsked;
    this.#stepAsked = step;
    return !moved;
  }

  /** Looks where things stand; to be called when somebody spoke, came or went, and now and then. */
  consider(): void {
    if (this.#phase === 'loading') return;
    if (this.#phase === 'settling' && this.#context.view.hasSilent) return;
    if (this.#context.believesNobody) {
      if (this.#phase !== 'working') this.#goByItself();
      return;
    }
    const reach = this.#reach(VOICES);
    const isStuck = this.#isStuck;
    const best = isStuck ? this.#reach(1, true) : reach;
    if (this.#phase === 'settling') this.#settle(best, isStuck);
    else if (this.#phase === 'gathering') this.#gatherOn(best);
    else this.#workOn(best);
  }

  /** Whoever checks everything begins with what is on its own disk, or with the base. */
  #goByItself(): void {
    const { bucketCount } = this.#context;
    const own = this.#keeper.disk.find(({ buckets }) => buckets.length === bucketCount);
    if (own !== undefined) this.#headFor(own);
    else if (this.#phase === 'settling') {
      this.#phase = 'working';
      this.#ports.work();
    } else this.#headFor({ step: 0, root: this.#firstRoot, previousRoot: null });
  }

  /** Who is stuck doubts that others still have the sums of text that is not with them. */
  #reach(voices: number, isStuck = false): Goal {
    const own = {
      standing: this.#ports.standing(),
      firstRoot: this.#firstRoot,
      last: this.#keeper.last,
      bucketCount: this.#context.bucketCount,
      exchangesParts: this.#context.exchangesParts,
      keptLanguages: isStuck ? this.#context.keptLanguages : [],
    };
    return newestReachable(own, this.#context.view.standings, voices);
  }

  /** Whether this node has no way to go on by what two others say. */
  get #isStuck(): boolean {
    if (this.#phase === 'working') return this.#ports.waits() >= GATHER_WAITS;
    return this.#context.nowMs - this.#member.standsSinceMs > LONELY_MS;
  }

  /** A step that only one node speaks of is waited for a while before the run begins anew. */
  #settle(reach: Goal, isStuck: boolean): void {
    if (reach.step > 0) {
      this.#headFor(reach);
    } else if (isStuck || this.#reach(1).step === 0) {
      this.#phase = 'working';
      this.#ports.work();
    }
  }

  #workOn(reach: Goal): void {
    const { step } = this.#context;
    const ahead = reach.step - step;
    // The next step may be on disks with nobody to make it, nor the one after it: what is lost of
    // this one is to be here again all the same.
    const isHere = ahead === 0 || ahead === 1;
    const isBaseLost = isHere && this.#isBaseLost;
    const isLost = ahead < 0 || isBaseLost;
    if (!isLost) this.#lost.found();
    if (isHere) this.#recall();
    const isCutOff =
      ahead === 1 && this.#isStuck && this.#context.lacksText && this.#isWhole(reach);
    const isBehind = ahead >= GATHER_BEHIND || (ahead >= 2 && this.#isStuck);
    if (isBehind || isCutOff) {
      this.#headFor(reach);
    } else if (isBaseLost) {
      if (this.#lost.hasWaited(step, this.#ports.stepMs())) this.#recallBase();
    } else if (ahead === 1) {
      if (this.#isStuck) this.#recallNext(reach);
    } else if (isLost) {
      this.#rewindInTime(reach);
    }
  }

  #hasOnDisk(goal: Goal): boolean {
    return this.#keeper.disk.some(({ step, root }) => step === goal.step && root === goal.root);
  }

  /** Whether nothing of a step is lost if this node lets go of what it holds, and gathers it. */
  #isWhole(goal: Goal): boolean {
    const { view, buckets } = this.#context;
    const others = view.standings.map(({ standing }) => standing);
    return this.#hasOnDisk(goal) || isHeldTogether(goal, others, buckets);
  }

  /** Everybody has all of step 0, but has let go of what others were to hold, who are gone. */
  get #isBaseLost(): boolean {
    const { step, buckets } = this.#context;
    return step === 0 && buckets.some((bucket) => this.#ports.owner(bucket) === null);
  }

  /** Reads again from disk what nobody has in memory any more of the step at hand. */
  #recall(): void {
    const { step, root } = this.#context;
    this.#recallIf(step, root, () => true);
  }

  /** Reads from disk the next value of what nobody can make it of: this node was there before. */
  #recallNext({ step, root }: Goal): void {
    this.#recallIf(step, root, (bucket) => this.#member.lacks(bucket));
  }

  #recallIf(step: number, root: Hash, isOfUse: (bucket: number) => boolean): void {
    const own = this.#keeper.disk.find((one) => one.step === step && one.root === root);
    const isLost = own?.buckets.some((b) => this.#ports.owner(b) === null && isOfUse(b)) ?? false;
    if (!isLost || this.#isRecalling) return;
    this.#isRecalling = true;
    this.#context.emit({ kind: 'load', step });
  }

  /** Nothing is lost with what is in the base: each node takes its part of it again. */
  #recallBase(): void {
    this.#lost.found();
    if (this.#isRecalling) return;
    this.#isRecalling = true;
    this.#context.emit({ kind: 'load', step: 0 });
  }

  /** What was recalled is here, or can't be had. */
  recalled(): void {
    this.#isRecalling = false;
  }

  /** What is gathered may be left behind by those who have it, or be lost. */
  #gatherOn(reach: Goal): void {
    const goal = this.#goal!;
    const ahead = reach.step - goal.step;
    if (ahead === 0 && reach.root === goal.root) this.#lost.found();
    else if (ahead >= 2 || (ahead >= 1 && !this.#isAt(goal))) this.#headFor(reach);
    else if (ahead < 0 || reach.root !== goal.root) this.#rewindInTime(reach);
  }

  /** Whether somebody still has the values of a step. */
  #isAt(goal: Goal): boolean {
    return this.#context.view.standings.some(
      ({ standing }) =>
        standing.complete && (standing.step === goal.step || standing.step === goal.step + 1),
    );
  }

  /** Waits for those who are lost as long as doing their work again would take, then goes back. */
  #rewindInTime(reach: Goal): void {
    if (!this.#lost.hasWaited(reach.step, this.#ports.stepMs())) return;
    this.rewinds++;
    this.#context.log('warn', `step ${this.#context.step}: going back to step ${reach.step}`);
    this.#headFor(reach);
  }

  #headFor(goal: Goal, again = false): void {
    this.gathersAgain = again;
    this.#lost.found();
    this.#isRecalling = false;
    this.#goal = goal;
    const isOnDisk = this.#hasOnDisk(goal);
    this.#ports.abandon();
    if (goal.step === 0 || isOnDisk) {
      this.#phase = 'loading';
      this.#context.emit({ kind: 'load', step: goal.step });
      return;
    }
    this.#gather(goal);
    this.#ports.gathers();
  }

  /** What was gathered was of no use. */
  again(): void {
    if (this.#context.believesNobody) {
      // All of it came from this node's disk: it was wrong before it was written.
      this.#keeper.forget(this.#goal!.step);
      this.#goByItself();
    } else this.#headFor(this.#goal!, true);
  }

  #gather({ step, root, previousRoot }: Goal): void {
    this.#phase = 'gathering';
    this.#context.activeFrom = null;
    this.#member.gather(step, root, previousRoot!);
  }

  /** A part of the goal was read from disk; the rest is with others. */
  loaded(): void {
    this.#gather(this.#goal!);
  }

  /** What was read can't be used: the goal is to be chosen anew. */
  loadFailed(step: number): void {
    this.#keeper.forget(step);
    this.#isRecalling = false;
    if (this.#phase !== 'loading') return;
    this.#phase = 'gathering';
    // Others may have all of it; if they do not, another goal is chosen.
    if (this.#goal!.step > 0) this.#headFor(this.#goal!);
    this.consider();
  }

  /** This node stands where it was heading: it works from there on. */
  arrived(activeFrom: number): void {
    this.#goal = null;
    this.#phase = 'working';
    this.#context.activeFrom = activeFrom;
  }
}
