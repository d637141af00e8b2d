/**
 * The view: who this node believes alive, and where each of them stands. Words of a node reach it
 * from the node itself or through others; a node is alive while its words go on, by any path. Views
 * of different nodes may differ; only efficiency suffers.
 */
import { compareNames } from '../../protocol/buckets.ts';
import type { Hash } from '../../protocol/hashes.ts';
import type { Standing } from '../../protocol/messages.ts';
import { type Pace, paceAmong, placeAmong, shownBy } from './gossip.ts';
import { type Known, newKnown, type Word } from './known.ts';
import { Gaps } from './liveness.ts';
import { changesShares, changesWork, isLater } from './words.ts';

/** How often a node says where it stands; any other frame counts as a word as well. */
export const HEARTBEAT_MS = 1_000;
/** For one that is expected and was never heard: it may still load its model. */
const FIRST_WORD_MS = 20_000;
/** A connection that broke is often mended; a node that is gone stays silent for longer. */
const RECONNECT_MS = 1_500;
/** Nodes remembered, gone ones included; the longest gone are forgotten first. */
const KNOWN_MAX = 4_096;
/** Of those who have not spoken twice. */
const NO_GAPS = new Gaps(HEARTBEAT_MS);

export class View {
  readonly #self: string;
  readonly #known = new Map<string, Known>();
  /** Who came back, and has neither said since then what it has nor gone again. */
  readonly #back = new Set<Known>();
  #nowMs = 0;
  #spread = 0;
  /** All known, sorted by id; null after somebody came to be known. */
  #all: readonly Known[] | null = null;
  /** Those alive, and their names; null after somebody came or went. */
  #alive: readonly Known[] | null = null;
  #others: readonly string[] | null = null;
  /** Those of them that have spoken; null after somebody came, went or spoke for the first time. */
  #words: readonly Word[] | null = null;
  /** How many of them have not. */
  #silentCount = 0;
  #pace = paceAmong(0);
  /** Grows whenever something that placement or holdings depend on has changed. */
  version = 0;
  /** What it was when it last changed who takes shares of the work, or how large ones. */
  sharesVersion = 0;

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
    known.goneMs ??= this.#nowMs;
    this.#went(known);
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
    if (known.digestMs !== null) {
      known.gaps ??= new Gaps(HEARTBEAT_MS);
      known.gaps.add(this.#nowMs - known.digestMs);
    }
    known.digestMs = this.#nowMs;
    return this.#note(known, standing);
  }

  /**
   * A value came from the node that made it, at a step whose root is `root`: it stands there by
   * now, whatever its last word was. Of use where words travel slowly.
   */
  shows(id: string, step: number, root: Hash): void {
    const known = this.#known.get(id);
    const standing = known?.standing ?? null;
    if (known === undefined || standing === null) return;
    if (standing.complete && standing.step < step) known.standing = shownBy(standing, step, root);
  }

  /** What a node says of another. False where that is no news. */
  pass(id: string, standing: Standing): boolean {
    if (id === this.#self || this.#known.size >= KNOWN_MAX) return false;
    const known = this.#of(id);
    if (known.refused !== null || !this.#note(known, standing)) return false;
    known.heardMs = this.#nowMs;
    this.#revive(known);
    this.#back.delete(known);
    return true;
  }

  /** Nodes whose silence has grown too long since the last look. */
  suspects(): string[] {
    const gone: string[] = [];
    for (const known of this.#known.values()) {
      if (!known.alive) continue;
      const silentMs = this.#nowMs - known.heardMs;
      if (silentMs <= RECONNECT_MS) continue; // no limit is shorter
      if (known.connected && silentMs <= Math.min(FIRST_WORD_MS, this.newsMs)) continue;
      if (silentMs <= this.#limitMs(known)) continue;
      known.goneMs = this.#nowMs;
      this.#went(known);
      gone.push(known.id);
    }
    return gone;
  }

  #went(known: Known): void {
    if (known.alive && known.standing === null) this.#silentCount--;
    known.alive = false;
    this.#back.delete(known);
    this.#doubt(known);
    this.#cameOrWent();
  }

  #limitMs(known: Known): number {
    const spokenMs = Math.max((known.gaps ?? NO_GAPS).limitMs, this.newsMs);
    const limitMs = known.standing === null ? FIRST_WORD_MS : spokenMs;
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

  /** The step that a node said last, 0 without a word; null where it is not taken for alive. */
  stepOf(id: string): number | null {
    const known = this.#known.get(id);
    return known?.alive ? (known.standing?.step ?? 0) : null;
  }

  /** All other nodes that are taken for alive, sorted. */
  get others(): readonly string[] {
    this.#others ??= this.#living.map(({ id }) => id);
    return this.#others;
  }

  /** Those of the others that have said where they stand. */
  get standings(): readonly Word[] {
    this.#words ??= this.#living.filter((known): known is Known & Word => known.standing !== null);
    return this.#words;
  }

  /** How news travels among so many. */
  get pace(): Pace {
    return this.#pace;
  }

  /** How long a word may take to reach everybody, where it is not told to everybody. */
  get newsMs(): number {
    return this.#pace.beats * HEARTBEAT_MS;
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

  get hasSilent(): boolean {
    return this.#silentCount > 0;
  }

  /** Whether somebody has just come back who may have what seems lost, and has yet to say so. */
  get isAboutToHear(): boolean {
    return this.#back.size > 0;
  }

  get #living(): readonly Known[] {
    this.#alive ??= this.all.filter(({ alive }) => alive);
    return this.#alive;
  }

  #cameOrWent(): void {
    this.#alive = null;
    this.#others = null;
    this.#spokeFirst();
  }

  #spokeFirst(): void {
    this.#words = null;
    this.sharesVersion = ++this.version;
  }

  /** Some standings to pass on, other ones each time; among many each begins elsewhere. */
  spread(): Word[] {
    const all = this.standings;
    if (all.length === 0) return [];
    const place = this.#pace.isWide ? placeAmong(this.others, this.#self) : 0;
    const taken = Array.from({ length: Math.min(this.#pace.words, all.length) }, (_, i) => {
      const { id, standing } = all[(place + this.#spread + i) % all.length]!;
      return { id, standing };
    });
    this.#spread = (this.#spread + taken.length) % all.length;
    return taken;
  }

  #of(id: string): Known {
    let known = this.#known.get(id);
    if (known === undefined) {
      this.#forgetOldest();
      known = newKnown(id, this.#nowMs);
      this.#known.set(id, known);
      this.#silentCount++;
      this.#all = null;
      this.#pace = paceAmong(this.#known.size);
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
    if (before !== null && !isLater(standing, before)) return false;
    known.standing = standing;
    this.#back.delete(known);
    if (before === null) {
      if (known.alive) this.#silentCount--;
      this.#spokeFirst();
    } else if (changesWork(before, standing)) {
      this.version++;
      if (changesShares(before, standing)) this.sharesVersion = this.version;
    }
    return true;
  }

  #revive(known: Known): boolean {
    if (known.alive || known.refused !== null) return false;
    known.alive = true;
    if (known.standing === null) this.#silentCount++;
    known.goneMs = null;
    this.#back.add(known);
    this.#cameOrWent();
    return true;
  }
}
