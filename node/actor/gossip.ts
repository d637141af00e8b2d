/**
 * How news travels. Few nodes tell each other everything at once; where there are many, that would
 * cost the square of their number, so each tells a few others at a time, and those who hold the
 * same buckets, and passes on what it has heard. A value shows the step of whoever sends it.
 */
import type { Standing } from '../../protocol/messages.ts';

/** With more others than this, words travel through a few. */
export const TOLD_ALL_MAX = 32;
/** Others that are told at a time where there are many. */
const TOLD = 16;
/** Standings of others in a digest: among few nodes all have the news first-hand anyway. */
const WORDS_AMONG_FEW = 8;
const WORDS_AMONG_MANY = 32;
/** Steps from a change to the step from which it counts: its news must be everywhere by then. */
const NOTICE_STEPS = 2;
const NOTICE_STEPS_AMONG_MANY = 16;
/** A node this many steps behind gets no shares until it says that it is back. */
const BEHIND_MAX = 3;
/** Where words are old when they come, what they say of steps is too. */
const BEHIND_MAX_AMONG_MANY = 32;

/** What depends on how fast news travels among so many others. */
export interface Pace {
  /** Whether words travel through a few. */
  readonly isWide: boolean;
  /** Standings of others in a digest. */
  readonly words: number;
  readonly noticeSteps: number;
  readonly behindMax: number;
  /** Beats that a word may take to reach everybody, where it is not told to everybody. */
  readonly beats: number;
}

const AMONG_FEW: Pace = {
  isWide: false,
  words: WORDS_AMONG_FEW,
  noticeSteps: NOTICE_STEPS,
  behindMax: BEHIND_MAX,
  beats: 0,
};

/** Hops double or better; and a word waits for its turn among all others at each of a few. */
export function paceAmong(others: number): Pace {
  if (others <= TOLD_ALL_MAX) return AMONG_FEW;
  const hops = Math.ceil(32 - Math.clz32(others));
  const turns = Math.ceil((4 * others) / (TOLD * WORDS_AMONG_MANY));
  return {
    isWide: true,
    words: WORDS_AMONG_MANY,
    noticeSteps: NOTICE_STEPS_AMONG_MANY,
    behindMax: BEHIND_MAX_AMONG_MANY,
    beats: hops + turns,
  };
}

/**
 * Whom to tell the word of this number: one in each of so many arcs of a ring, the next one each
 * time, from the place that the teller itself would have in it, so that all are told by as many.
 * Where in its arc each is follows squares, up or down: evenly spaced ones would be told the same
 * news again and again, since whom they tell would be told it by others in the same places.
 */
export function toldAmong(others: readonly string[], self: string, word: number): string[] {
  const place = placeAmong(others, self);
  const { length } = others;
  const arcs = Math.min(TOLD, length);
  return Array.from({ length: arcs }, (_, i) => {
    const first = Math.floor((i * length) / arcs);
    const size = Math.floor(((i + 1) * length) / arcs) - first;
    const turn = (word + i * i) % size;
    const at = first + (i % 2 === 0 ? turn : size - 1 - turn);
    return others[(place + at) % length]!;
  });
}

/** Where a node would stand among others that are sorted. */
export function placeAmong(others: readonly string[], self: string): number {
  const place = others.findIndex((id) => id > self);
  return place < 0 ? others.length : place;
}

/** A standing as a value shows it that was made at `step`, from what its maker last said. */
export function shownBy(standing: Standing, step: number, root: string): Standing {
  const previousRoot = step === standing.step + 1 ? standing.root : null;
  return { ...standing, step, root, previousRoot };
}
