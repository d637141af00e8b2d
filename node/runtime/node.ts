/**
 * A running node: carries an actor's effects out on real timers, a real network, the model's thread
 * and the bulk thread, and tells the actor what came of them.
 */
import { performance } from 'node:perf_hooks';
import { defined } from '../../protocol/assert.ts';
import type { Seal } from '../../protocol/claims.ts';
import { IsoglossError } from '../../protocol/errors.ts';
import { firstRoot, valueHash } from '../../protocol/hashes.ts';
import {
  Actor,
  type ActorOptions,
  type Effect,
  type EventBody,
  type LoadedStep,
  type Status,
  type SteppedEffect,
  type TimerName,
} from '../actor/index.ts';
import type { Compute, UnitBatch } from '../compute/index.ts';
import { type Checkpoint, openCheckpoint, type ShardCheckpoint } from '../store/index.ts';
import type { BulkThreadOptions } from './bulk-messages.ts';
import { BulkThread } from './bulk-thread.ts';
import { RunFailedError } from './errors.ts';
import { diskStepOf, loadCheckpoint } from './load-checkpoint.ts';
import { type Letter, type NodeNetwork, Post } from './post.ts';

type EffectOf<Kind extends Effect['kind']> = Extract<Effect, { kind: Kind }>;

/** The actor as a running node drives it. */
export type ActorLike = Pick<Actor, 'receive' | 'step' | 'isComplete' | 'status'>;

export interface NodeOptions {
  readonly actor: ActorOptions;
  /** Left out: the actor itself. */
  readonly createActor?: (options: ActorOptions) => ActorLike;
  readonly bulk: BulkThreadOptions;
  /** Nodes that are expected to speak before the run begins here, this one included. */
  readonly members: readonly string[];
  /** Checkpoints of the run that this node may go on from. */
  readonly disk: readonly Checkpoint[];
  /** All parameters of the base, in order. */
  readonly base: Float32Array;
  readonly compute: Pick<Compute, 'setBuckets' | 'gradient'>;
  /** Null where the node is the only one. */
  readonly network: NodeNetwork | null;
  /** Signs what this node claims. */
  readonly seal: Seal;
  /** The text of a work unit. */
  unit(language: number, step: number, unit: number): UnitBatch;
  /** Writes this node's buckets of a step; resolves with the path once they are durable. */
  checkpoint(shard: OwnShard): Promise<string>;
  onStepped(stepped: SteppedEffect): void;
  onLog(log: EffectOf<'log'>): void;
}

/** What a node writes at a checkpoint: the step, and the buckets that it holds. */
export type OwnShard = Pick<
  ShardCheckpoint,
  'step' | 'root' | 'previousRoot' | 'values' | 'buckets' | 'neededFrom'
>;

/** Where a run ended. */
export interface NodeResult {
  readonly step: number;
  readonly root: string;
  /** Somebody asked for the end before the last step. */
  readonly stopped: boolean;
  /** This node left, and the others carry on. */
  readonly left: boolean;
  /** The published parameters at `step`, by bucket. */
  readonly parameters: readonly Float32Array[];
}

export class RunningNode {
  /** Resolves when the run is over here; rejects with a RunFailedError when it can't go on. */
  readonly done: Promise<NodeResult>;
  readonly #options: NodeOptions;
  readonly #actor: ActorLike;
  readonly #bulk: BulkThread;
  /** Null where the node is the only one. */
  readonly #post: Post | null;
  readonly #timers = new Map<TimerName, NodeJS.Timeout>();
  /** By step: where this node's checkpoint of it is. */
  readonly #paths = new Map<number, string>();
  #settle!: { resolve: (result: NodeResult) => void; reject: (error: Error) => void };
  /** The model has the parameters of the step that the actor stands at. */
  #parameters: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: NodeOptions) {
    this.#options = options;
    const { network, seal, actor } = options;
    this.#post = network === null ? null : new Post(network, actor.runId, seal);
    this.#actor = options.createActor?.(options.actor) ?? new Actor(options.actor);
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#bulk = new BulkThread(
      options.bulk,
      (event) => this.#receive(event),
      (error) => this.#fail(error),
    );
  }

  /** Begins: at the base, on one of its checkpoints, or where the others are. */
  async start(): Promise<void> {
    const { values, root } = await this.#loadBase();
    const { members, disk, network } = this.#options;
    for (const { path, manifest } of disk) this.#paths.set(manifest.step, path);
    const beginning = {
      members,
      base: { root, values },
      disk: disk.flatMap((checkpoint) => diskStepOf(checkpoint) ?? []),
    };
    this.#receive({ kind: 'start', beginning });
    // What others say is heard once there is a step that it can be about.
    network?.onPeer(({ kind, peer }) => {
      this.#receive({ kind: kind === 'up' ? 'peerUp' : 'peerDown', peer: peer.peerId });
    });
    this.#post?.onLetter((letter, payload) => this.#letter(letter, payload));
  }

  async #loadBase() {
    const { runId, numericsClass } = this.#options.actor;
    const values = await this.#bulk.loadBase(this.#options.base);
    return { values, root: firstRoot(runId, numericsClass, values.map(valueHash)) };
  }

  /** Where this node and the others stand. */
  get status(): Status {
    return this.#actor.status;
  }

  /** Ends the run after the step under way, on all nodes. */
  stop(): void {
    this.#receive({ kind: 'stop' });
  }

  /** Hands over what this node holds and goes; the others carry on. */
  leave(): void {
    this.#receive({ kind: 'leave' });
  }

  /** Lets go of timers and threads; the compute and the network belong to the caller. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await this.#bulk.close();
  }

  #receive(event: EventBody, payload: Uint8Array | null = null): void {
    if (this.#closed) return;
    const effects = this.#actor.receive({ nowMs: performance.now(), ...event });
    for (const effect of effects) this.#carryOut(effect, payload);
  }

  #letter(letter: Letter, payload: Uint8Array | undefined): void {
    const ref = payload === undefined ? null : 1;
    this.#receive({ kind: 'message', ...letter, payload: ref }, payload ?? null);
  }

  #carryOut(effect: Effect, payload: Uint8Array | null): void {
    switch (effect.kind) {
      case 'send':
        this.#send(effect);
        return;
      case 'setTimer':
        this.#setTimer(effect);
        return;
      case 'compute':
        this.#compute(effect).catch((error) => this.#fail(error));
        return;
      case 'checkpoint':
        this.#checkpoint(effect).catch((error) => this.#fail(error));
        return;
      case 'load':
        this.#recall(effect.step).catch((error) => this.#fail(error));
        return;
      case 'stepped':
        this.#load(effect.step);
        this.#options.onStepped(effect);
        return;
      case 'log':
        this.#options.onLog(effect);
        return;
      case 'disconnect':
        // The network says whom it parts with, and why.
        this.#options.network?.disconnect(effect.peer, effect.reason);
        return;
      case 'finished':
        this.#finish(effect).catch((error) => this.#fail(error));
        return;
      case 'left':
        this.#settle.resolve({ ...effect, root: '', stopped: true, left: true, parameters: [] });
        return;
      case 'failed':
        this.#fail(new RunFailedError(effect.error, effect.text));
        return;
      default: {
        const takesPayload = effect.kind === 'file' || effect.kind === 'take';
        this.#bulk.perform(effect, takesPayload ? payload : null);
      }
    }
  }

  #send({ to, message, payload }: EffectOf<'send'>): void {
    const post = this.#post;
    if (post === null || payload === null) {
      post?.send(to, message);
      return;
    }
    this.#bulk.encoded(payload).then(
      (bytes) => {
        if (!this.#closed) post.send(to, message, bytes);
      },
      (error) => this.#fail(error),
    );
  }

  #setTimer({ timer, delayMs }: EffectOf<'setTimer'>): void {
    clearTimeout(this.#timers.get(timer));
    const handle = setTimeout(() => this.#receive({ kind: 'timer', timer }), delayMs);
    this.#timers.set(timer, handle);
  }

  #load(step: number): void {
    this.#parameters = this.#bulk.published(step).then((all) => {
      this.#options.compute.setBuckets(all.map((values, bucket) => ({ bucket, values })));
    });
    this.#parameters.catch((error) => this.#fail(error));
  }

  async #compute({ step, language, unit, attempt }: EffectOf<'compute'>): Promise<void> {
    await this.#parameters;
    if (this.#closed || this.#actor.step !== step || !this.#actor.isComplete) return;
    const slices: { bucket: number; values: Float32Array | null }[] = [];
    const batch = this.#options.unit(language, step, unit);
    const { tokens, lossSum } = await this.#options.compute.gradient(batch, (slice) => {
      slices.push({
        bucket: slice.bucket,
        values: slice.outcome === 'tensor' ? slice.values : null,
      });
    });
    if (this.#closed) return;
    const name = { kind: 'slice', step, language, unit, attempt, tokens, lossSum } as const;
    for (const { bucket, values } of slices) {
      const isBroken = values !== null && !Number.isFinite(lossSum);
      const outcome = isBroken ? 'nonFinite' : 'absent';
      this.#bulk.slice({ ...name, bucket, outcome, hash: null }, isBroken ? null : values);
    }
  }

  async #checkpoint(effect: EffectOf<'checkpoint'>): Promise<void> {
    const { step, root, previousRoot, values, buckets, neededFrom } = effect;
    const stored = await this.#bulk.stored(step, buckets);
    const path = await this.#options.checkpoint({
      step,
      root,
      previousRoot,
      values,
      buckets: stored,
      neededFrom,
    });
    this.#paths.set(step, path);
    this.#receive({ kind: 'checkpointed', step });
  }

  /** Reads a step again: the base, or what this node's disk has of it. */
  async #recall(step: number): Promise<void> {
    try {
      const loaded = step === 0 ? await this.#base() : await this.#read(step);
      this.#receive({ kind: 'loaded', loaded });
    } catch (error) {
      if (!(error instanceof IsoglossError)) throw error;
      this.#receive({ kind: 'loadFailed', step, reason: `${error.name} ${error.message}` });
    }
  }

  async #base(): Promise<LoadedStep> {
    return { step: 0, previousRoot: null, ...(await this.#loadBase()) };
  }

  async #read(step: number): Promise<LoadedStep> {
    const path = defined(this.#paths.get(step), `a checkpoint of step ${step}`);
    return await loadCheckpoint(await openCheckpoint(path), this.#bulk);
  }

  async #finish({ step, root, stopped }: EffectOf<'finished'>): Promise<void> {
    const parameters = await this.#bulk.published(step);
    this.#settle.resolve({ step, root, stopped, left: false, parameters });
  }

  #fail(error: Error): void {
    if (!this.#closed) this.#settle.reject(error);
  }
}
