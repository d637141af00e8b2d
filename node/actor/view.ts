/**
 * The view: who this node believes alive, and where each of them stands. Words of a node reach it
 * from the node itself or through others; a node is alive while its words go on, by any path. Views
 * of different nodes may differ; only efficiency suffers.
 */
import { hasBucket } from '../../protocol/bucket-set.ts';
import { compareNames } from '../../protocol/buckets.ts';
import { ABOUT_MAX, type Standing } from '../../protocol/messages.ts';
import { Gaps } from './liveness.ts';

/** How often a node says where it stands; any other frame counts as a word as well. */
export const HEARTBEAT_MS = 1_000;
/** For one that is expected and was never heard: it may still load its model. */
const FIRST_WORD_MS = 20_000;
/** A connection that broke is often mended; a node that is gone stays silent for longer. */
const RECONNECT_MS = 1_500;
/** Nodes remembered, gone ones included; the longest gone are forgotten first. */
const KNOWN_MAX = 4_096;
/** A node this many steps behind gets no shares until it says that it is back. */
const BEHIND_MAX = 3;

export interface Known {
  readonly id: string;
  /** Null until the first word. */
  standing: Standing | null;
  /** When it was last heard of, by any path. */
  heardMs: number;
  /** When its own last digest came, for the gaps. */
  digestMs: number | null;
  readonly gaps: Gaps;
  /** False while its connection here is lost; one that was never there is not missed. */
  connected: boolean;
  alive: boolean;
  /** When it was last taken for gone. */
  goneMs: number | null;
  /** Why nothing of it is used any more. */
  refused: string | null;
}

/** Where another node stands, as it says. */
export interface Word {
  readonly id: string;
  readonly standing: Standing;
}

export class View {
  readonly #self: string;
  readonly #known = new Map<string, Known>();
  #nowMs = 0;
  #spread = 0;
  /** All known, sorted by id; null after somebody came to be known. */
  #all: readonly Known[] | null = null;
  /** Those alive; null after somebody came or went. */
  #alive: readonly Known[] | null = null;
  /** Grows whenever something that placement or holdings depend on has changed. */
  version = 0;

  constructor(self: string) {
    this.#self = self;
  }

  set nowMs(nowMs: number) {
    this.#nowMs = nowMs;
  }

  /** A node is expected to connect, and to speak. */
  expect(id: string): void {
    if (id !== this.#self && !this.#known.has(id)) this.#of(id).connected = false;
  }

  /** A frame of this node arrived. Whether it had been taken for gone. */
  heard(id: string): boolean {
    const known = this.#of(id);
    known.heardMs = this.#nowMs;
    return this.#revive(known);
  }

  /** From now on this node counts as gone, whatever it says. False: it does already. */
  refuse(id: string, why: string): boolean {
    const known = this.#of(id);
    if (known.refused !== null) return false;
    known.refused = why;
    known.alive = false;
    known.goneMs ??= this.#nowMs;
    this.#doubt(known);
    this.#cameOrWent();
    return true;
  }

  isRefused(id: string): boolean {
    return typeof this.#known.get(id)?.refused === 'string';
  }

  /** There is a connection with this node. */
  connected(id: string): void {
    this.#of(id).connected = true;
  }

  disconnected(id: string): void {
    const known = this.#known.get(id);
    if (known !== undefined) known.connected = false;
  }

  /** What a node held may be lost with it: until its next word it holds nothing. */
  #doubt(known: Known): void {
    if (known.standing === null) return;
    const nothing = new Uint8Array(known.standing.has.length);
    known.standing = { ...known.standing, has: nothing, held: nothing, heldBefore: nothing };
  }

  /** What a node says of itself. False for an old word. */
  say(id: string, standing: Standing): boolean {
    const known = this.#of(id);
    if (known.refused !== null) return false;
    if (known.digestMs !== null) known.gaps.add(this.#nowMs - known.digestMs);
    known.digestMs = this.#nowMs;
    return this.#note(known, standing);
  }

  /** What a node says of another. False where that is no news. */
  pass(id: string, standing: Standing): boolean {
    if (id === this.#self || this.#known.size >= KNOWN_MAX) return false;
    const known = this.#of(id);
    if (known.refused !== null || !this.#note(known, standing)) return false;
    known.heardMs = this.#nowMs;
    this.#revive(known);
    return true;
  }

  /** Nodes whose silence has grown too long since the last look. */
  suspects(): string[] {
    const gone: string[] = [];
    for (const known of this.#known.values()) {
      if (!known.alive) continue;
      const silentMs = this.#nowMs - known.heardMs;
      if (silentMs <= this.#limitMs(known)) continue;
      known.alive = false;
      known.goneMs = this.#nowMs;
      this.#doubt(known);
      this.#cameOrWent();
      gone.push(known.id);
    }
    return gone;
  }

  #limitMs(known: Known): number {
    const limitMs = known.standing === null ? FIRST_WORD_MS : known.gaps.limitMs;
    return known.connected ? limitMs : Math.min(RECONNECT_MS, limitMs);
  }

  /** How long a node has not been heard of. */
  silenceMs(id: string): number {
    return this.#nowMs - (this.#known.get(id)?.heardMs ?? this.#nowMs);
  }

  isAlive(id: string): boolean {
    return id === this.#self || (this.#known.get(id)?.alive ?? false);
  }

  standing(id: string): Standing | null {
    return this.#known.get(id)?.standing ?? null;
  }

  /** All other nodes that are taken for alive, sorted. */
  get others(): string[] {
    return this.#living.map(({ id }) => id);
  }

  /** Those of them that have said where they stand. */
  get standings(): Word[] {
    return this.#living.filter((known): known is Known & Word => known.standing !== null);
  }

  /** Everybody known, for whoever wants to show it, sorted. */
  get all(): readonly Known[] {
    this.#all ??= [...this.#known.values()].sort((a, b) => compareNames(a.id, b.id));
    return this.#all;
  }

  /** Expected nodes that are alive and have not said a word. */
  get silent(): string[] {
    return this.#living.filter(({ standing }) => standing === null).map(({ id }) => id);
  }

  get #living(): readonly Known[] {
    this.#alive ??= this.all.filter(({ alive }) => alive);
    return this.#alive;
  }

  #cameOrWent(): void {
    this.#alive = null;
    this.version++;
  }

  /** Some standings to pass on, other ones each time. */
  spread(): Word[] {
    const all = this.standings;
    if (all.length === 0) return [];
    const taken = Array.from({ length: Math.min(ABOUT_MAX, all.length) }, (_, i) => {
      const { id, standing } = all[(this.#spread + i) % all.length]!;
      return { id, standing };
    });
    this.#spread = (this.#spread + taken.length) % all.length;
    return taken;
  }

  #of(id: string): Known {
    let known = this.#known.get(id);
    if (known === undefined) {
      this.#forgetOldest();
      known = {
        id,
        standing: null,
        heardMs: this.#nowMs,
        digestMs: null,
        gaps: new Gaps(HEARTBEAT_MS),
        connected: true,
        alive: true,
        goneMs: null,
        refused: null,
      };
      this.#known.set(id, known);
      this.#all = null;
      this.#cameOrWent();
    }
    return known;
  }

  #forgetOldest(): void {
    if (this.#known.size < KNOWN_MAX) return;
    const gone = [...this.#known.values()].filter((one) => !one.alive && one.refused === null);
    const oldest = gone.sort((a, b) => a.goneMs! - b.goneMs!)[0];
    if (oldest === undefined) return;
    this.#known.delete(oldest.id);
    this.#all = null;
  }

  #note(known: Known, standing: Standing): boolean {
    const before = known.standing;
    if (before !== null) {
      const older =
        standing.incarnation < before.incarnation ||
        (standing.incarnation === before.incarnation && standing.beat <= before.beat);
      if (older) return false;
    }
    known.standing = standing;
    if (before === null || changesWork(before, standing)) this.version++;
    return true;
  }

  #revive(known: Known): boolean {
    if (known.alive || known.refused !== null) return false;
    known.alive = true;
    known.goneMs = null;
    this.#cameOrWent();
    return true;
  }
}

function changesWork(a: Standing, b: Standing): boolean {
  return (
    a.incarnation !== b.incarnation ||
    a.complete !== b.complete ||
    a.activeFrom !== b.activeFrom ||
    a.heldFrom !== b.heldFrom ||
    a.leaving !== b.leaving ||
    a.finished !== b.finished ||
    !sameBytes(a.has, b.has) ||
    !sameBytes(a.held, b.held) ||
    !sameBytes(a.heldBefore, b.heldBefore)
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Whether a node takes shares of the work of `step`. */
export function takesShares(standing: Standing, step: number): boolean {
  const { activeFrom, complete, leaving, finished } = standing;
  if (!complete || leaving || finished || activeFrom === null || activeFrom > step) return false;
  return standing.step > step - BEHIND_MAX;
}

/** Whether a node counts as a holder of a bucket for what is about `step`. */
export function countsAsHolder(standing: Standing, bucket: number, step: number): boolean {
  const { held, heldBefore, heldFrom, complete } = standing;
  if (!complete || standing.step < step - 1) return false;
  return hasBucket(step >= heldFrom ? held : heldBefore, bucket);
}

/** Whether a node has the whole value of a bucket at its own step, announced for it or not. */
export function reallyHolds(standing: Standing, bucket: number): boolean {
  return standing.complete && hasBucket(standing.has, bucket);
}

/** Whether a node has a bucket, or is to have it soon: what its holders need concerns it. */
export function follows(standing: Standing, bucket: number): boolean {
  return reallyHolds(standing, bucket) || (standing.complete && hasBucket(standing.held, bucket));
}
