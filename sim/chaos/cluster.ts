/** Real nodes of one run on this machine: their processes, ports, lives, and who is to be up. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Guard } from './guard.ts';
import { Links } from './links.ts';
import { type Death, NodeProcess } from './node-process.ts';
import { freePorts } from './ports.ts';
import type { Witness } from './witness.ts';

const LOOPBACK = '127.0.0.1';
/** A node that comes back waits for one other: more may be down just then. */
const COMPANY = 2;

export interface ClusterOptions {
  /** `isogloss node CONFIG` and its flags, as a command line. */
  readonly command: readonly string[];
  /** Nodes that the run begins with. */
  readonly nodes: readonly string[];
  /** Nodes that join later. */
  readonly joiners: readonly string[];
  /** Where nodes and logs get their folders. */
  readonly folder: string;
  readonly seed: number;
  /** Whether proxies stand between the nodes. */
  readonly proxies: boolean;
  /** Once it is aborted, how nodes end is not judged: a terminal's Ctrl-C reaches them too. */
  readonly signal: AbortSignal;
}

export class Cluster {
  readonly #options: ClusterOptions;
  readonly #witness: Witness;
  readonly #ports = new Map<string, number>();
  readonly #processes = new Map<string, NodeProcess>();
  readonly #members: Set<string>;
  /** Ended of themselves, all well. */
  readonly #done = new Set<string>();
  readonly #guard = new Guard();
  #links: Links | null = null;
  /** Whether some node has come to the end of the run. */
  hasEnded = false;
  /** When something last changed for the better. */
  changedMs = performance.now();

  constructor(options: ClusterOptions, witness: Witness) {
    this.#options = options;
    this.#witness = witness;
    this.#members = new Set(options.nodes);
  }

  get links(): Links | null {
    return this.#links;
  }

  /** All nodes that there ever are. */
  get names(): string[] {
    return [...this.#options.nodes, ...this.#options.joiners];
  }

  /** Who is to be there at the end. */
  get members(): string[] {
    return [...this.#members];
  }

  get done(): string[] {
    return [...this.#done];
  }

  get running(): string[] {
    return this.names.filter((name) => this.#processes.get(name)?.isRunning);
  }

  /** Of those that live now. */
  get pids(): number[] {
    return [...this.#processes.values()].flatMap(({ pid }) => pid ?? []);
  }

  /** Takes ports, and starts all that the run begins with. */
  async start(): Promise<void> {
    const { folder, seed, proxies, nodes } = this.#options;
    const logs = join(folder, 'logs');
    await mkdir(logs, { recursive: true });
    const ports = await freePorts(this.names.length);
    this.names.forEach((name, index) => {
      this.#ports.set(name, ports[index]!);
      this.#processes.set(name, this.#process(name, logs));
    });
    if (proxies) {
      const listeners = this.names.map((name) => ({ name, port: this.#ports.get(name)! }));
      this.#links = await Links.open(seed, listeners);
    }
    await Promise.all(nodes.map((name) => this.#begin(name, nodes.length)));
  }

  #process(name: string, logs: string): NodeProcess {
    const folder = join(this.#options.folder, name);
    return new NodeProcess(
      {
        name,
        command: this.#options.command,
        folder,
        own: join(folder, 'state', name),
        logs: { lines: join(logs, `${name}.jsonl`), notes: join(logs, `${name}.log`) },
      },
      {
        line: (node, life, line) => this.#witness.line(node, life, line),
        said: (node, life, line) => this.#witness.said(node, life, line),
        ended: (node, life, death) => this.#ended(node, life, death),
      },
    );
  }

  #ended(name: string, life: number, { code, signal, killed, lastWords }: Death): void {
    this.changedMs = performance.now();
    this.#guard.watch(this.pids);
    if (killed || this.#options.signal.aborted) return;
    if (code === 0) {
      this.#done.add(name);
      this.hasEnded = true;
      return;
    }
    this.#members.delete(name);
    const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
    this.#witness.violate(`${name} in life ${life} ${how}. It said:\n${lastWords.trimEnd()}`);
  }

  async #begin(name: string, company: number): Promise<void> {
    const node = this.#processes.get(name)!;
    this.#done.delete(name);
    this.changedMs = performance.now();
    this.#witness.begins(name, nowMs(), node.life > 0 && !this.hasEnded);
    await node.start(this.#flags(name, company, node.life > 0));
    this.#guard.watch(this.pids);
  }

  #flags(name: string, company: number, again: boolean): string[] {
    const peers = this.names.filter((peer) => peer !== name).map((peer) => this.#at(name, peer));
    return [
      ...['--nodes', String(company), '--json'],
      ...['--listen', addressOf(this.#ports.get(name)!)],
      ...peers.flatMap((address) => ['--peer', address]),
      ...['--out', this.#processes.get(name)!.place.folder],
      ...['--set', `network.name=${name}`],
      // Whoever hears of a node must not go round the proxies.
      ...(this.#links === null ? [] : ['--set', 'network.announce=[]']),
      ...(again ? ['--resume'] : []),
    ];
  }

  #at(from: string, to: string): string {
    return addressOf(this.#links?.port(from, to) ?? this.#ports.get(to)!);
  }

  /** Starts a node that is not running, on the disk that it has. */
  async restart(name: string): Promise<void> {
    await this.#begin(name, Math.min(COMPANY, this.names.length));
  }

  async join(name: string): Promise<void> {
    this.#members.add(name);
    await this.#begin(name, COMPANY);
  }

  /** SIGKILL; `forGood`: it is not missed at the end. */
  async kill(name: string, forGood: boolean): Promise<void> {
    const node = this.#processes.get(name)!;
    if (forGood) this.#members.delete(name);
    if (!node.isRunning) return;
    this.#witness.killed(name, nowMs());
    await node.kill();
  }

  node(name: string): NodeProcess {
    return this.#processes.get(name)!;
  }

  /** Ends whatever still runs; resolves when all processes are gone and the logs are written. */
  async close(): Promise<void> {
    const processes = [...this.#processes.values()];
    await Promise.all(processes.map((each) => each.kill()));
    await Promise.all(processes.map((each) => each.close()));
    await this.#links?.close();
    this.#guard.close();
    const left = this.pids.length;
    if (left > 0) this.#witness.violate(`${left} processes are left behind: ${this.pids.join()}`);
  }
}

/** Unix time that never steps back, as the nodes write it. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

const addressOf = (port: number) => `/ip4/${LOOPBACK}/tcp/${port}`;
