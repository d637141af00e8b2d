/**
 * One run on processes of this machine: starts the nodes, introduces them to each other, puts their
 * checkpoints together as they come, and ends when all of them have finished or one has failed.
 */
import { join } from 'node:path';
import { assert, defined } from '../../../protocol/assert.ts';
import type { EngineName } from '../../compute/index.ts';
import type { Checkpoint } from '../../store/index.ts';
import type { Override } from '../config/index.ts';
import { InterruptedError, NodeFailedError } from '../errors.ts';
import {
  Assembly,
  type Job,
  type LoggedStep,
  type MemberFacts,
  type MemberShare,
  nodeName,
} from '../job/index.ts';
import { STATE_FOLDER } from '../places.ts';
import { LocalNode } from './local-node.ts';
import type { FromChild } from './messages.ts';
import { Waits } from './waits.ts';

export interface PartOptions {
  readonly job: Job;
  readonly configPath: string;
  readonly overrides: readonly Override[];
  readonly baseline: boolean;
  readonly nodes: number;
  readonly engine: EngineName | undefined;
  readonly threads: number;
  /** The run's folder. */
  readonly folder: string;
  /** An assembled one, to go on from. */
  readonly checkpoint: Checkpoint | undefined;
  /** Ends the run after the step under way. */
  readonly stop: AbortSignal;
  onStarted(nodes: readonly PartNode[]): void;
  /** In order; `bytesSent` are those of all nodes so far. */
  onStep(step: LoggedStep, bytesSent: number): void;
  note(text: string): void;
  /** Monotonic. */
  nowMs(): number;
}

export interface PartNode {
  readonly name: string;
  readonly pid: number;
  readonly facts: MemberFacts;
  readonly share: MemberShare;
}

export interface PartEnd {
  readonly step: number;
  readonly root: string;
  readonly stopped: boolean;
  readonly paramsHash: string;
  readonly nodes: readonly PartNode[];
  /** The assembled checkpoint of `step`. */
  readonly checkpointPath: string;
}

const NOTHING: MemberShare = { bytesSent: 0, bytesReceived: 0, buckets: 0, units: 0 };

type Finished = Extract<FromChild, { kind: 'finished' }>;

interface Seat {
  readonly node: LocalNode;
  facts: MemberFacts | null;
  share: MemberShare;
  started: boolean;
  finished: Finished | null;
  /** Its process has ended before the run did; the others carry on. */
  lost: boolean;
}

/** Runs one part to its end; no process is left when the promise settles. */
export async function runPart(options: PartOptions): Promise<PartEnd> {
  const run = new PartRun(options);
  try {
    return await run.end;
  } finally {
    await run.close();
  }
}

class PartRun {
  readonly end: Promise<PartEnd>;
  readonly #options: PartOptions;
  readonly #seats: Seat[] = [];
  readonly #assembly: Assembly;
  readonly #waits: Waits;
  /** By step: its root, as the first node said it. */
  readonly #roots = new Map<number, string>();
  #settle!: { resolve: (end: PartEnd) => void; reject: (error: Error) => void };

  constructor(options: PartOptions) {
    this.#options = options;
    this.end = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#assembly = new Assembly(options);
    this.#waits = new Waits(options.nowMs);
    for (let index = 0; index < options.nodes; index++) this.#seats.push(this.#open(index));
    this.#seats[0]!.node.givePeers([]);
    options.stop.addEventListener('abort', this.#onStop);
    if (options.stop.aborted) this.#onStop();
  }

  async close(): Promise<void> {
    this.#options.stop.removeEventListener('abort', this.#onStop);
    for (const { node, finished } of this.#seats) if (finished === null) node.kill();
    await Promise.all(this.#seats.map(({ node }) => node.exited()));
    await this.#assembly.idle();
  }

  #open(index: number): Seat {
    const { configPath, overrides, baseline, engine, threads, nodes, folder, checkpoint } =
      this.#options;
    const name = nodeName(index);
    const task = {
      configPath,
      overrides,
      baseline,
      name,
      engine,
      threads,
      nodes,
      folder: join(folder, STATE_FOLDER, name),
      checkpointPath: checkpoint?.path ?? null,
      logs: index === 0,
    };
    const node = new LocalNode(
      task,
      (message) => {
        try {
          this.#heard(seat, message);
        } catch (error) {
          this.#settle.reject(error as Error);
        }
      },
      (error) => this.#ended(seat, error),
    );
    const seat: Seat = {
      node,
      facts: null,
      share: NOTHING,
      started: false,
      finished: null,
      lost: false,
    };
    return seat;
  }

  readonly #onStop = (): void => {
    if (this.#seats.every(({ started }) => started)) this.#left[0]?.node.stop();
    else this.#settle.reject(new InterruptedError('the run had not begun, and nothing is lost.'));
  };

  /** Nodes whose processes live. */
  get #left(): Seat[] {
    return this.#seats.filter(({ lost }) => !lost);
  }

  /** A process ended that was not to: once the run has begun, the others carry on. */
  #ended(seat: Seat, error: Error): void {
    seat.lost = true;
    const [first] = this.#left;
    if (first === undefined || !this.#seats.every(({ started }) => started)) {
      this.#settle.reject(error);
      return;
    }
    this.#options.note(`${error.message.split('\n')[0]} The others carry on.`);
    // Told again to one that does so already: no harm.
    first.node.log();
    this.#finishIfDone();
  }

  #heard(seat: Seat, message: FromChild): void {
    switch (message.kind) {
      case 'listening':
        this.#listening(seat, message.facts);
        return;
      case 'started':
        seat.started = true;
        seat.share = message.share;
        if (this.#seats.every(({ started }) => started)) this.#options.onStarted(this.#nodes());
        return;
      case 'stepped':
        this.#stepped(seat, message);
        return;
      case 'checkpointed':
        this.#assembly.add(message.step, message.path, message.buckets);
        return;
      case 'note':
        if (message.waitedMs !== null && !this.#waits.isNews(message.waitedMs)) return;
        this.#options.note(`${seat.node.name}: ${message.text}`);
        return;
      case 'finished':
        seat.finished = message;
        seat.share = message.share;
        this.#finishIfDone();
        return;
      case 'failed': {
        const { lines, exitCode } = message;
        this.#settle.reject(new NodeFailedError(seat.node.name, lines, exitCode === 2 ? 2 : 1));
      }
    }
  }

  /** The first node is where all others find each other. */
  #listening(seat: Seat, facts: MemberFacts): void {
    seat.facts = facts;
    if (seat !== this.#seats[0]) return;
    for (const { node } of this.#seats.slice(1)) node.givePeers(facts.addresses);
  }

  #stepped(
    seat: Seat,
    { step, root, logged, share }: Extract<FromChild, { kind: 'stepped' }>,
  ): void {
    seat.share = share;
    const known = this.#roots.get(step);
    assert(known === undefined || known === root, `step ${step}: ${seat.node.name} is at ${root}`);
    this.#roots.set(step, root);
    if (logged === null) return;
    const sent = this.#seats.reduce((sum, { share }) => sum + share.bytesSent, 0);
    this.#options.onStep(logged, sent);
  }

  /** Once all nodes that are left have finished: they end in the same bits. */
  #finishIfDone(): void {
    const ends = this.#left.map(({ finished }) => finished);
    const [end] = ends;
    if (end == null || ends.some((one) => one === null)) return;
    const { step, root, stopped, paramsHash } = end;
    for (const { finished, node } of this.#left) {
      const same = finished?.paramsHash === paramsHash && finished.root === root;
      assert(same, `${node.name} ends in ${finished?.root}, another in ${root}`);
    }
    const nodes = this.#nodes();
    this.#assembly
      .of(step)
      .then(
        (checkpointPath) =>
          this.#settle.resolve({ step, root, stopped, paramsHash, nodes, checkpointPath }),
        this.#settle.reject,
      );
  }

  #nodes(): PartNode[] {
    return this.#seats.map(({ node: { name, pid }, facts, share }) => {
      return { name, pid, facts: defined(facts, `facts of ${name}`), share };
    });
  }
}
