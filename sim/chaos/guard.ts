/**
 * A process that outlives this one should it be killed, and ends the nodes that it leaves: one that
 * is stopped can't see by itself that it is left alone. Where there is no shell nothing guards.
 */
import { type ChildProcess, spawn } from 'node:child_process';

/** Each line is all that live; the last one's are ended once nobody writes any more. */
const SCRIPT = 'while read -r pids; do left=$pids; done; [ -z "$left" ] || kill -KILL $left';

export class Guard {
  readonly #process: ChildProcess | null;

  constructor() {
    if (process.platform === 'win32') {
      this.#process = null;
      return;
    }
    // In a group of its own, where no terminal's Ctrl-C reaches it.
    this.#process = spawn('/bin/sh', ['-c', SCRIPT], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#process.on('error', () => {});
    this.#process.stdin!.on('error', () => {});
    this.#process.unref();
  }

  /** These live now, and no others. */
  watch(pids: readonly number[]): void {
    this.#process?.stdin?.write(`${pids.join(' ')}\n`);
  }

  close(): void {
    this.watch([]);
    this.#process?.stdin?.end();
  }
}
