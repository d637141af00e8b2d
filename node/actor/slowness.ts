/**
 * How fast this node computes a unit, as it tells others, and how units are shared by it. What is
 * told is coarse, slow to change, and counts from a later step that it names, so that all nodes
 * share out a step alike; where they do not, only work is done twice.
 */
import { assert } from '../../protocol/assert.ts';
import type { Standing } from '../../protocol/messages.ts';

/** A level is so many times slower than the one below it. */
const LEVEL = Math.SQRT2;
/** Of a unit that takes 2 ** 32 ms. */
export const LEVEL_MAX = 64;
/** What is measured must differ so much from the level told for another to be told. */
const TELLING = 1.6;
/**
 * Nodes that are less slow than this, in levels, share work as the fastest does: processes on one
 * machine are measured up to two levels apart, and a share that moves costs more than it saves.
 */
const ALIKE_LEVELS = 3;
/** Units that were timed before anything is told. */
const MEASURED_MIN = 6;
/** Units that are remembered: few enough to follow a machine that changes. */
const MEASURED_MAX = 16;
/** What a node says of its speed: levels, null while it has not measured. */
export type SlownessWords = Pick<Standing, 'slowness' | 'slownessFrom' | 'slownessBefore'>;

const UNMEASURED: SlownessWords = { slowness: null, slownessFrom: 0, slownessBefore: null };

export class Slowness {
  readonly #unitMs: number[] = [];
  #words: SlownessWords = UNMEASURED;
  #lastDoneMs = Number.NEGATIVE_INFINITY;

  get words(): SlownessWords {
    return this.#words;
  }

  /** A unit is done that began when it was asked for, or when the one before it was done. */
  computed(askedMs: number, doneMs: number): void {
    this.#unitMs.push(doneMs - Math.max(askedMs, this.#lastDoneMs));
    this.#lastDoneMs = doneMs;
    if (this.#unitMs.length > MEASURED_MAX) this.#unitMs.shift();
  }

  /**
   * This node stands at a step. Whether it has something else to tell from now on, which counts in
   * so many steps: it is known everywhere by then.
   */
  stood(step: number, noticeSteps: number): boolean {
    const { slowness, slownessFrom } = this.#words;
    // One change at a time: who comes late must know what counts now.
    if (this.#unitMs.length < MEASURED_MIN || step < slownessFrom) return false;
    const ms = lowerQuartile(this.#unitMs);
    if (slowness !== null && isNear(ms, msOf(slowness))) return false;
    this.#words = {
      slowness: levelOf(ms),
      slownessFrom: step + noticeSteps,
      slownessBefore: slowness,
    };
    return true;
  }
}

/** The level that counts for a step. */
export function levelAt(
  { slowness, slownessFrom, slownessBefore }: SlownessWords,
  step: number,
): number | null {
  return step >= slownessFrom ? slowness : slownessBefore;
}

/**
 * Relative speeds of nodes from their levels. The fastest have 1, and so has whoever is hardly
 * slower or has not measured yet: a share that is a little too large costs less than one that
 * changes, and a newcomer is measured by what it gets.
 */
export function speedsOf(levels: readonly (number | null)[]): number[] {
  const fastest = Math.min(...levels.map((level) => level ?? LEVEL_MAX));
  return levels.map((level) => {
    const behind = level === null ? 0 : level - fastest;
    return behind < ALIKE_LEVELS ? 1 : 1 / msOf(behind);
  });
}

/** LEVEL ** level, in arithmetic that is the same everywhere. */
function msOf(level: number): number {
  assert(Number.isInteger(level) && level >= 0, `level ${level}`);
  const half = 2 ** Math.floor(level / 2);
  return level % 2 === 0 ? half : half * LEVEL;
}

function levelOf(ms: number): number {
  let level = 0;
  while (level < LEVEL_MAX && msOf(level + 1) <= ms) level++;
  return level;
}

function isNear(ms: number, told: number): boolean {
  return ms <= told * TELLING && ms >= told / TELLING;
}

/** Whatever else the machine does makes units slower, never faster. */
function lowerQuartile(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 2]!;
}
