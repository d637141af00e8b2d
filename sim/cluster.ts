/**
 * Nodes in memory on virtual time: the same actor and the same arithmetic as in a real node, with
 * messages that pass through the real codec and arrive in any order, late, twice or not at all.
 */
import { Actor, type Effect, type EventBody, sliceKey } from '../node/actor/index.ts';
import { Bulk } from '../node/bulk/index.ts';
import { defined } from '../protocol/assert.ts';
import { openHeader, seal } from '../protocol/claims.ts';
import { firstRoot, type Hash, type ValueHashes, valueHash } from '../protocol/hashes.ts';
import { createStream, type RandomStream } from '../protocol/random.ts';
import { encodeFrame, FrameDecoder } from '../protocol/wire.ts';
import type { ClusterCheckpoint, ClusterOptions, Node } from './cluster-types.ts';
import { simulatedSeal } from './process/seal.ts';

type Due = { atMs: number; order: number; run: () => void };

/** Ample for the models that are simulated. */
const FRAME_LIMITS = { maxHeaderBytes: 2 ** 20, maxPayloadBytes: 2 ** 24 };
/** Virtual time after which a cluster that has not finished is taken for stuck. */
const VIRTUAL_MS_MAX = 900_000;

export class Cluster {
  readonly nodes: readonly Node[];
  readonly failures: string[] = [];
  readonly disconnects: string[] = [];
  readonly #options: ClusterOptions;
  readonly #chance: RandomStream;
  #due: Due[] = [];
  #held: { from: string; to: Node; kind: string; step: number; run: () => void }[] = [];
  #order = 0;
  nowMs = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#chance = createStream('cluster', options.seed);
    this.nodes = options.nodes.map((id) => ({
      id,
      ...this.#makeActor(id, 1),
      incarnation: 1,
      isUp: false,
      roots: [],
      losses: new Map(),
      timers: new Map(),
      disk: new Map(),
      finishedAt: null,
      logs: [],
    }));
    for (const node of this.nodes) {
      const checkpoint = options.resume?.(node.id);
      if (checkpoint !== undefined) node.disk.set(checkpoint.step, checkpoint);
      this.#start(node);
    }
  }

  #makeActor(id: string, incarnation: number): { actor: Actor; bulk: Bulk } {
    const { actor, bulk } = this.#options;
    return { actor: new Actor({ ...actor, self: id, incarnation }), bulk: new Bulk(bulk) };
  }

  #start(node: Node): void {
    node.isUp = true;
    const { root, values } = this.#loadBase(node);
    const disk = [...node.disk.values()].map(({ buckets, ...one }) => ({
      ...one,
      buckets: [...buckets.keys()],
    }));
    const members = this.#options.nodes;
    this.#later(0, node, () => {
      this.#receive(node, { kind: 'start', beginning: { members, base: { root, values }, disk } });
      for (const peer of this.nodes) {
        if (peer === node || !peer.isUp) continue;
        this.#receive(node, { kind: 'peerUp', peer: peer.id });
        this.#later(1, peer, () => this.#receive(peer, { kind: 'peerUp', peer: node.id }));
      }
    });
  }

  /** A node ends without a word; its disk stays. */
  crash(id: string): void {
    const node = this.node(id);
    node.isUp = false;
    node.incarnation++;
    node.timers.clear();
    for (const peer of this.nodes) {
      if (peer.isUp)
        this.#later(1, peer, () => this.#receive(peer, { kind: 'peerDown', peer: id }));
    }
  }

  /** Starts a node that has crashed, from its disk, or from nothing. */
  restart(id: string, wiped = false): void {
    const node = this.node(id);
    if (wiped) node.disk.clear();
    Object.assign(node, this.#makeActor(id, ++node.incarnation));
    node.finishedAt = null;
    this.#start(node);
  }

  #loadBase({ bulk }: Node): { root: Hash; values: ValueHashes[] } {
    const { runId, numericsClass, layout } = this.#options.actor;
    const values = layout.buckets.map(({ index, start, length }) =>
      bulk.loadBase(index, this.#options.base.slice(start, start + length)),
    );
    return { root: firstRoot(runId, numericsClass, values.map(valueHash)), values };
  }

  #load(node: Node, step: number): void {
    if (step === 0) {
      const loaded = { step, previousRoot: null, ...this.#loadBase(node) };
      this.#later(1, node, () => this.#receive(node, { kind: 'loaded', loaded }));
      return;
    }
    const { root, previousRoot, buckets } = defined(node.disk.get(step), `checkpoint ${step}`);
    const values = this.#options.actor.layout.buckets.map(({ index }) => {
      const arrays = buckets.get(index);
      if (arrays === undefined) return null;
      const copy = structuredClone(arrays);
      return defined(node.bulk.load(step, index, copy), 'a stored bucket');
    });
    const loaded = { step, root, previousRoot, values };
    this.#later(1, node, () => this.#receive(node, { kind: 'loaded', loaded }));
  }

  /** Runs until `done` holds or nothing is left to happen; false in the latter case. */
  runUntil(done: () => boolean): boolean {
    while (!done()) {
      if (this.#due.length === 0 || this.nowMs > VIRTUAL_MS_MAX) return false;
      let next = 0;
      for (let i = 1; i < this.#due.length; i++) {
        const [a, b] = [this.#due[i]!, this.#due[next]!];
        if (a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)) next = i;
      }
      const [{ atMs, run }] = this.#due.splice(next, 1) as [Due];
      this.nowMs = Math.max(this.nowMs, atMs);
      run();
    }
    return true;
  }

  /** Runs until every node has finished. */
  runToEnd(): boolean {
    return this.runUntil(() => this.nodes.every(({ finishedAt }) => finishedAt !== null));
  }

  /** Lets go of messages that `held` no longer holds. */
  release(): void {
    const waiting = this.#held;
    this.#held = [];
    for (const { from, to, kind, step, run } of waiting) this.#post(from, to, kind, step, run);
  }

  /** Tells a node that its user wants the run to end. */
  stop(id: string): void {
    this.#receive(this.node(id), { kind: 'stop' });
  }

  /** Tells a node to hand over what it holds and go; it is down once it has. */
  leave(id: string): void {
    this.#receive(this.node(id), { kind: 'leave' });
  }

  node(id: string): Node {
    return defined(
      this.nodes.find((node) => node.id === id),
      `node ${id}`,
    );
  }

  /** What is due for a node comes to nothing when it has crashed by then. */
  #later(delayMs: number, node: Node, run: () => void): void {
    const { incarnation } = node;
    const unlessCrashed = () => {
      if (node.isUp && node.incarnation === incarnation) run();
    };
    this.#due.push({ atMs: this.nowMs + delayMs, order: this.#order++, run: unlessCrashed });
  }

  #receive(node: Node, body: EventBody, payload: Uint8Array | null = null): void {
    if (!node.isUp) return;
    const effects = node.actor.receive({ nowMs: this.nowMs, ...body });
    for (const effect of effects) this.#carryOut(node, effect, payload);
  }

  #carryOut(node: Node, effect: Effect, payload: Uint8Array | null): void {
    switch (effect.kind) {
      case 'send':
        for (const to of effect.to) this.#send(node, to, effect);
        return;
      case 'setTimer': {
        const generation = (node.timers.get(effect.timer) ?? 0) + 1;
        node.timers.set(effect.timer, generation);
        this.#later(effect.delayMs, node, () => {
          if (node.timers.get(effect.timer) !== generation) return;
          this.#receive(node, { kind: 'timer', timer: effect.timer });
        });
        return;
      }
      case 'compute':
        this.#later(1 + this.#chance.nextBelow(20), node, () => this.#compute(node, effect));
        return;
      case 'checkpoint': {
        const checkpoint = this.#checkpoint(node, effect);
        this.#later(5, node, () => {
          node.disk.set(effect.step, checkpoint);
          for (const step of [...node.disk.keys()].sort((a, b) => b - a).slice(2)) {
            if (step < effect.neededFrom) node.disk.delete(step);
          }
          this.#receive(node, { kind: 'checkpointed', step: effect.step });
        });
        return;
      }
      case 'load':
        this.#load(node, effect.step);
        return;
      case 'stepped':
        node.roots[effect.step] = effect.root;
        if (effect.resolutions[0]) node.losses.set(effect.step, effect.resolutions[0].losses);
        return;
      case 'failed':
        this.failures.push(`${node.id}: ${effect.error}: ${effect.text}`);
        return;
      case 'disconnect':
        this.disconnects.push(`${node.id} from ${effect.peer}: ${effect.reason}`);
        return;
      case 'finished':
        node.finishedAt = effect.step;
        return;
      case 'log':
        node.logs.push(`${Math.round(this.nowMs)} ms: ${effect.text}`);
        return;
      case 'left':
        this.crash(node.id);
        return;
      default: {
        const event = node.bulk.perform(
          effect,
          effect.kind === 'file' || effect.kind === 'take' ? payload : null,
        );
        if (event !== null) this.#later(0, node, () => this.#receive(node, event));
      }
    }
  }

  #checkpoint(node: Node, effect: Extract<Effect, { kind: 'checkpoint' }>): ClusterCheckpoint {
    const { step, root, buckets } = effect;
    const previousRoot = defined(effect.previousRoot, 'a step after the first');
    const stored = buckets.map((bucket) => {
      const arrays = node.bulk.stored(step, bucket);
      return [bucket, structuredClone(arrays)] as const;
    });
    return { step, root, previousRoot, buckets: new Map(stored) };
  }

  /** A message travels as the bytes of a real frame, and is parsed as one. */
  #send(node: Node, to: string, { message, payload }: Extract<Effect, { kind: 'send' }>): void {
    const bytes = payload === null ? undefined : node.bulk.encoded(payload);
    const { runId } = this.#options.actor;
    const signed = seal(runId, message, simulatedSeal(node.id));
    const frame = encodeFrame(signed, bytes).map((chunk) => chunk.slice());
    const receiver = this.node(to);
    const step = message.kind === 'digest' ? message.standing.step : message.step;
    this.#post(node.id, receiver, message.kind, step, () => {
      const decoder = new FrameDecoder(FRAME_LIMITS);
      const frames = frame.flatMap((chunk) => [...decoder.push(chunk)]);
      for (const { header, payload: received } of frames) {
        const opened = openHeader(header);
        const letter = { from: node.id, ...opened, payload: received === undefined ? null : 1 };
        this.#receive(receiver, { kind: 'message', ...letter }, received);
      }
    });
  }

  #post(from: string, to: Node, kind: string, step: number, run: () => void): void {
    if (this.#options.held?.(from, to.id, kind, step)) {
      this.#held.push({ from, to, kind, step, run });
      return;
    }
    const { delayMsMax, duplicate, loss } = this.#options.weather;
    const copies =
      this.#chance.nextFloat() < loss ? 0 : this.#chance.nextFloat() < duplicate ? 2 : 1;
    for (let i = 0; i < copies; i++) this.#later(this.#chance.nextFloat() * delayMsMax, to, run);
  }

  #compute(node: Node, effect: Extract<Effect, { kind: 'compute' }>): void {
    const { step, language, unit, attempt } = effect;
    if (node.actor.step !== step || !node.actor.isComplete) return;
    const { layout } = this.#options.actor;
    const parameters = new Float32Array(layout.totalLength);
    for (const { index, start } of layout.buckets)
      parameters.set(node.bulk.published(step, index), start);
    const { tokens, lossSum, slices } = this.#options.gradient(parameters, step, language, unit);
    slices.forEach((slice, bucket) => {
      const name = { step, language, unit, bucket, attempt };
      const absent = { outcome: 'absent', hash: null } as const;
      const kept = slice === null ? absent : node.bulk.keepSlice(sliceKey(name), slice);
      this.#receive(node, { kind: 'slice', ...name, ...kept, tokens, lossSum });
    });
  }
}
