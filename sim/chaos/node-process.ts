/**
 * One node as a real process, over all its lives: started, killed, stopped for a while, and
 * started again on the disk that it left. What it writes goes to files, and line by line to
 * whoever watches.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Of what a node said before it died, for the report. */
const LAST_WORDS_CHARS_MAX = 2_000;
const CHECKPOINT_NAME = /^checkpoint-(\d+)$/;

export interface NodePlace {
  readonly name: string;
  /** What it is started with, before its own flags. */
  readonly command: readonly string[];
  /** Its run's folder; wiped when its disk is. */
  readonly folder: string;
  /** Its own part of it, where its checkpoints are. */
  readonly own: string;
  /** Its lines of standard output, and what it tells people. */
  readonly logs: { readonly lines: string; readonly notes: string };
}

/** How a life ended. */
export interface Death {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It was killed by us. */
  readonly killed: boolean;
  readonly lastWords: string;
}

export interface NodeWatcher {
  /** Of its standard output. */
  line(name: string, life: number, line: string): void;
  /** Of what it tells people. */
  said(name: string, life: number, line: string): void;
  ended(name: string, life: number, death: Death): void;
}

export class NodeProcess {
  readonly place: NodePlace;
  /** Counted from 1. */
  life = 0;
  readonly #watcher: NodeWatcher;
  readonly #lines: WriteStream;
  readonly #notes: WriteStream;
  #child: ChildProcess | null = null;
  #over: Promise<void> = Promise.resolve();
  /** What keeps its present life stopped. */
  readonly #stops = new Set<symbol>();
  #isKilled = false;

  constructor(place: NodePlace, watcher: NodeWatcher) {
    this.place = place;
    this.#watcher = watcher;
    this.#lines = createWriteStream(place.logs.lines);
    this.#notes = createWriteStream(place.logs.notes);
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** Goes on from what is on its disk. */
  async start(flags: readonly string[]): Promise<void> {
    const { name, command, folder } = this.place;
    await this.#over;
    await mkdir(folder, { recursive: true });
    const [program = '', ...args] = command;
    const life = ++this.life;
    this.#isKilled = false;
    this.#stops.clear();
    this.#notes.write(`-- life ${life}\n`);
    // The channel is said nothing on: it closes when this process is gone, however it went.
    const child = spawn(program, [...args, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    this.#child = child;
    let lastWords = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#notes.write(text);
      lastWords = (lastWords + text).slice(-LAST_WORDS_CHARS_MAX);
    });
    createInterface({ input: child.stderr! }).on('line', (line) => {
      this.#watcher.said(name, life, line);
    });
    createInterface({ input: child.stdout! }).on('line', (line) => {
      this.#lines.write(`${line}\n`);
      this.#watcher.line(name, life, line);
    });
    this.#over = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        this.#child = null;
        this.#watcher.ended(name, life, { code, signal, killed: this.#isKilled, lastWords });
        resolve();
      });
    });
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#isKilled = true;
    this.#child?.kill('SIGKILL');
    await this.#over;
  }

  /** Stops it; it goes on once every such stop of this life is undone by what it returned. */
  pause(): () => void {
    const stop = Symbol('stop');
    this.#stops.add(stop);
    this.#child?.kill('SIGSTOP');
    return () => {
      if (this.#stops.delete(stop) && this.#stops.size === 0) this.#child?.kill('SIGCONT');
    };
  }

  /** Undoes all stops. */
  resume(): void {
    if (this.#stops.size > 0) this.#child?.kill('SIGCONT');
    this.#stops.clear();
  }

  /** Between two lives: nothing of it is left, its identity neither. */
  async wipe(): Promise<void> {
    await rm(this.place.folder, { recursive: true, force: true });
  }

  /** Between two lives: the disk is as it was before the newest checkpoint. */
  async makeOlder(): Promise<void> {
    const entries = await readdir(this.place.own).catch(() => []);
    const steps = entries.flatMap((entry) => CHECKPOINT_NAME.exec(entry)?.[1] ?? []).map(Number);
    if (steps.length === 0) return;
    const newest = join(this.place.own, `checkpoint-${Math.max(...steps)}`);
    await rm(newest, { recursive: true, force: true });
  }

  /** Resolves when the logs are written; after its last life. */
  async close(): Promise<void> {
    await this.#over;
    const ends = [this.#lines, this.#notes].map(
      (stream) => new Promise<void>((resolve) => stream.end(() => resolve())),
    );
    await Promise.all(ends);
  }
}
