/** The launcher's side of one node: its process, what it says, and how it ended. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { defined } from '../../../protocol/assert.ts';
import { NodeEndedError } from '../errors.ts';
import type { ChildTask, FromChild, ToChild } from './messages.ts';

/** `.ts` in the checkout, `.js` in the published package. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const ENTRY = fileURLToPath(new URL(`./child${EXTENSION}`, import.meta.url));

/** Of what a process wrote to standard error, the end is kept: it says why it died. */
const TAIL_CHARACTERS = 4_000;

export class LocalNode {
  readonly name: string;
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  #tail = '';

  /** `onEnd` is called once, if the process ends without having been told to. */
  constructor(
    task: ChildTask,
    onMessage: (message: FromChild) => void,
    onEnd: (error: NodeEndedError) => void,
  ) {
    this.name = task.name;
    // 'advanced' carries bytes as bytes.
    this.#process = fork(ENTRY, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.pid = defined(this.#process.pid, 'a pid');
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-TAIL_CHARACTERS);
    });
    let said = false;
    this.#process.on('message', (message: FromChild) => {
      said ||= message.kind === 'finished' || message.kind === 'failed';
      onMessage(message);
    });
    this.#exited = new Promise((resolve) => {
      this.#process.once('close', (code, signal) => {
        resolve();
        if (!said) onEnd(new NodeEndedError(this.name, this.pid, code, signal, this.#tail));
      });
    });
    this.#send({ kind: 'task', task });
  }

  givePeers(addresses: readonly string[]): void {
    this.#send({ kind: 'peers', addresses });
  }

  /** Has it send what it logs of each step. */
  log(): void {
    this.#send({ kind: 'log' });
  }

  /** Asks it to end after the step under way. */
  stop(): void {
    this.#send({ kind: 'stop' });
  }

  /** Resolves when the process is gone. */
  async exited(): Promise<void> {
    await this.#exited;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #send(message: ToChild): void {
    // A process that is gone is reported by its end.
    if (this.#process.connected) this.#process.send(message, () => {});
  }
}
