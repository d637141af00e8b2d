/** What a node answers when it is asked, from before it has met the others to its end. */
import { packageVersion } from '../version.ts';
import { type NodeStatus, type RunningStatus, STATUS_FORMAT } from './document.ts';

/** What stays the same for as long as the node runs. */
export type OwnFacts = Pick<NodeStatus, 'name' | 'peerId' | 'runId' | 'steps' | 'buckets'>;

export class OwnStatus {
  readonly #facts: OwnFacts;
  readonly #startedMs = performance.now();
  #nodes = 1;
  #here: () => readonly string[] = () => [];
  #running: (() => RunningStatus) | null = null;

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
