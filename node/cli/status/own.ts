/** What a node answers when it is asked, from before it has met the others to its end. */
import { packageVersion } from '../version.ts';
import {
  type LeaveAnswer,
  type NodeStatus,
  type RunningStatus,
  STATUS_FORMAT,
} from './document.ts';

/** What stays the same for as long as the node runs. */
export type OwnFacts = Pick<NodeStatus, 'name' | 'peerId' | 'runId' | 'steps' | 'buckets'>;

export class OwnStatus {
  readonly #facts: OwnFacts;
  readonly #startedMs = performance.now();
  #nodes = 1;
  #here: () => readonly string[] = () => [];
  #running: (() => RunningStatus) | null = null;
  #leave: (() => void) | null = null;

  constructor(facts: OwnFacts) {
    this.#facts = facts;
  }

  /** It waits until `nodes` are there, itself included; `here` names the others that are. */
  waits(nodes: number, here: () => readonly string[]): void {
    this.#nodes = nodes;
    this.#here = here;
  }

  runs(running: () => RunningStatus): void {
    this.#running = running;
  }

  /** Whoever asks on this machine may make it leave. */
  mayLeave(leave: () => void): void {
    this.#leave = leave;
  }

  /** Leaves, if there is somebody to hand over to. */
  leave(): LeaveAnswer {
    const running = this.#running?.() ?? null;
    const stays = this.#whyStay(running);
    if (stays === null) this.#leave?.();
    return { name: this.#facts.name, buckets: running?.held.length ?? 0, stays };
  }

  #whyStay(running: RunningStatus | null): string | null {
    if (running === null) return 'the run has not begun here. Ctrl-C ends this node alone.';
    if (this.#leave === null) {
      return 'isogloss local started it, and its nodes go together. Ctrl-C there ends the run.';
    }
    const takes = running.others.some(
      ({ alive, step, leaving, finished }) => alive && step !== null && !leaving && !finished,
    );
    if (takes) return null;
    if (running.step >= this.#facts.steps) return 'the run is at its last step, and it ends here.';
    return 'nobody else is here to go on. Ctrl-C ends the run, with a checkpoint to go on from.';
  }

  get document(): NodeStatus {
    const running = this.#running?.() ?? null;
    return {
      format: STATUS_FORMAT,
      ...this.#facts,
      pid: process.pid,
      version: packageVersion,
      upForMs: performance.now() - this.#startedMs,
      waiting: running === null ? { nodes: this.#nodes, here: [...this.#here()] } : null,
      running,
    };
  }
}
