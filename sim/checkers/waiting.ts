/**
 * A rewind is waited for: whoever finds that values of its step are lost waits for those who had
 * them as long as making them again would take, within bounds, and says so, before it goes back.
 * Judged by its own clock, which is the only one that it can wait by.
 */
import type { Effect, Event } from '../../node/actor/index.ts';
import type { Process } from '../process/index.ts';
import type { CheckContext, Checker } from './types.ts';

/** Words that are under way must have come, and somebody may come back. */
const LEAST_MS = 3_000;
/** However much there is to be made again. */
const MOST_MS = 60_000;
/** Whoever waits looks at each heartbeat; some words more are waited for in the end. */
const LATE_MS = 4_000;

/** One process: where it is, how long its steps take, and since when values seem lost to it. */
class Traveller {
  /** The step that it stands at, or that it heads for. */
  at = 0;
  stands = false;
  /** Since when values are lost, by its own clock; null while none are. */
  firstMs: number | null = null;
  /** Since when at most those are that are lost now. */
  sinceMs: number | null = null;
  hasSaid = false;
  /** Steps that it made since then: of what is lost it can make one at most. */
  stepsSince = 0;
  /** Somebody came back since then. */
  hasCompany = false;
  /** By its last heartbeat but this one. */
  beatMs = 0;
  fastestMs = Number.POSITIVE_INFINITY;
  slowestMs = 0;
  /** Whether it has measured a step in which nothing was late. */
  hasMeasured = false;
  #alive: ReadonlySet<string> = new Set();
  #stoodMs = 0;
  #isLate = false;

  /** A step was made, or come by in another way. */
  stood(step: number, nowMs: number): void {
    if (this.stands && step === this.at + 1) {
      const durationMs = nowMs - this.#stoodMs;
      this.fastestMs = Math.min(this.fastestMs, durationMs);
      this.slowestMs = Math.max(this.slowestMs, durationMs);
      this.hasMeasured ||= !this.#isLate;
      if (this.sinceMs !== null && ++this.stepsSince > 1) this.#loseMore(nowMs);
    }
    this.at = step;
    this.stands = true;
    this.#stoodMs = nowMs;
    this.#isLate = false;
  }

  late(): void {
    this.#isLate = true;
  }

  lose(nowMs: number): void {
    this.firstMs = nowMs;
    this.hasSaid = false;
    this.#loseMore(nowMs);
  }

  /** Whoever makes two steps had not lost what it needed for them, or others brought it. */
  #loseMore(nowMs: number): void {
    this.sinceMs = nowMs;
    this.hasCompany = false;
    this.stepsSince = 0;
    this.beatMs = nowMs;
    this.#alive = new Set();
  }

  find(): void {
    this.firstMs = null;
    this.sinceMs = null;
    this.hasSaid = false;
  }

  /** A heartbeat while values are lost. */
  beat({ actor }: Process, nowMs: number): void {
    const others = actor.status?.others ?? [];
    const alive = new Set(others.flatMap((one) => (one.alive ? [one.id] : [])));
    const isFirst = this.beatMs === this.sinceMs;
    if (!isFirst) this.hasCompany ||= [...alive].some((id) => !this.#alive.has(id));
    this.#alive = alive;
    this.beatMs = nowMs;
  }

  /** How long it is to wait before it goes back to a step. */
  leastMs(goal: number): number {
    const made = this.#made(goal) * (this.hasMeasured ? this.fastestMs : 0);
    return Math.min(MOST_MS, Math.max(LEAST_MS, made));
  }

  /** How long at most, wherever it meant to go. */
  get mostMs(): number {
    return Math.min(MOST_MS, Math.max(LEAST_MS, this.#made(0) * this.slowestMs)) + LATE_MS;
  }

  /** Steps that are to be made again. */
  #made(goal: number): number {
    return (this.stands ? this.at : this.at - 1) - goal;
  }
}

export const rewindIsWaitedFor: Checker = (context) => {
  // Whoever checks everything goes by its own disk alone, and waits for nobody.
  if (context.world.scenario.auditRate >= 1) return {};
  const travellers = new WeakMap<Process, Traveller>();
  return {
    handled(running, event, effects) {
      if (running.actor.rewind === undefined) return;
      const known = travellers.get(running);
      const traveller = known ?? new Traveller();
      if (known === undefined) travellers.set(running, traveller);
      if (event.kind === 'timer' && event.timer === 'deadline') traveller.late();
      follow(context, running, traveller, event, effects);
    },
  };
};

function follow(
  context: CheckContext,
  running: Process,
  traveller: Traveller,
  event: Event,
  effects: readonly Effect[],
): void {
  const { nowMs } = event;
  for (const effect of effects) {
    if (effect.kind === 'stepped') traveller.stood(effect.step, nowMs);
    else if (effect.kind === 'log' && effect.text.includes('values are lost with')) {
      traveller.hasSaid = true;
    } else if (effect.kind === 'clear') setOut(context, running, traveller, event);
  }
  if (running.actor.rewind === null) traveller.find();
  else if (traveller.sinceMs === null) traveller.lose(nowMs);
  const isBeat = event.kind === 'timer' && event.timer === 'heartbeat';
  if (isBeat && traveller.sinceMs !== null) traveller.beat(running, nowMs);
}

/** It lets go of everything, and heads for another step: forward, or back. */
function setOut(context: CheckContext, running: Process, one: Traveller, event: Event): void {
  const { goal } = running.actor.status ?? { goal: null };
  if (goal === null) return;
  if (goal < one.at) {
    const waitedMs = one.firstMs === null ? 0 : event.nowMs - one.firstMs;
    const fault = faultOf(one, goal, waitedMs);
    const { name } = running.node;
    const text = `${name} goes back from step ${one.at} to ${goal} ${fault}`;
    if (fault !== null) {
      context.report('a rewind is waited for', text, { running, event, step: one.at });
    }
  }
  one.at = goal;
  one.stands = false;
}

function faultOf(one: Traveller, goal: number, waitedMs: number): string | null {
  const leastMs = one.leastMs(goal);
  const waited = `after ${Math.round(waitedMs)} ms`;
  if (waitedMs < leastMs) return `${waited}, expected at least ${Math.round(leastMs)}`;
  if (!one.hasSaid) return `${waited}, and did not say that it waits`;
  const { mostMs } = one;
  const isLong = one.beatMs - (one.sinceMs ?? 0) > mostMs && !one.hasCompany;
  return isLong ? `${waited}, expected at most ${Math.round(mostMs)}` : null;
}
