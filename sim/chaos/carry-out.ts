/**
 * Carries a schedule of faults out on real processes, from the moment when all of them have begun
 * until the run has ended everywhere, or can be seen not to.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { faultText } from '../schedule/faults.ts';
import { Cluster, type ClusterOptions } from './cluster.ts';
import { type Fault, type FaultOf, isLinkFault, type Schedule } from './faults.ts';
import type { Witness } from './witness.ts';

const POLL_MS = 50;
/** Ample for a busy machine to start all nodes, or to recover once. */
const STALL_MS = 180_000;
/** A node that missed the end is brought the others back after so long. */
const REVIVE_MS = 5_000;
const REVIVALS_MAX = 5;
/** Of SIGSTOP and SIGCONT together. */
const SLOW_PERIOD_MS = 100;

type Heal = () => void | Promise<void>;
const NOTHING: Heal = () => {};

export interface ChaosPlan extends Omit<ClusterOptions, 'joiners' | 'proxies' | 'signal'> {
  readonly schedule: Schedule;
  /** Tells a person what happens. */
  note(text: string): void;
}

/** Faults as they were carried out, with their real times. */
export type CarriedOut = readonly Fault[];

/**
 * Resolves when every process is gone; what was seen is the witness's. Where `signal` ends it
 * before the run's end, the end is not judged.
 */
export async function carryOut(
  plan: ChaosPlan,
  witness: Witness,
  signal: AbortSignal,
): Promise<CarriedOut> {
  const { schedule } = plan;
  const joiners = schedule.flatMap(({ fault, nodes }) => (fault === 'join' ? nodes : []));
  const proxies = schedule.some(isLinkFault);
  const besides = { joiners: [...new Set(joiners)], proxies, signal };
  const cluster = new Cluster({ ...plan, ...besides }, witness);
  const run = new ChaosRun(plan, cluster, witness);
  // Should this process end before its children, however it ends but by SIGKILL.
  const onExit = () => {
    for (const pid of cluster.pids) process.kill(pid, 'SIGKILL');
  };
  process.once('exit', onExit);
  try {
    await cluster.start();
    await run.live(signal);
    if (!signal.aborted) witness.conclude(cluster.members);
  } finally {
    run.stop();
    await cluster.close();
    process.off('exit', onExit);
  }
  return run.carriedOut;
}

class ChaosRun {
  readonly carriedOut: Fault[] = [];
  readonly #plan: ChaosPlan;
  readonly #cluster: Cluster;
  readonly #witness: Witness;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** By node: faults that keep it down. */
  readonly #downs = new Map<string, number>();
  /** What is being done to processes. */
  readonly #doing = new Set<Promise<void>>();
  #failure: Error | null = null;
  #newest = -1;
  #revivals = 0;

  constructor(plan: ChaosPlan, cluster: Cluster, witness: Witness) {
    this.#plan = plan;
    this.#cluster = cluster;
    this.#witness = witness;
  }

  /** Until all have ended that are meant to. */
  async live(signal: AbortSignal): Promise<void> {
    let begunMs: number | null = null;
    while (!signal.aborted && !this.#isOver && this.#moves()) {
      if (begunMs === null && this.#plan.nodes.every((name) => this.#witness.stands.has(name))) {
        begunMs = performance.now();
        this.#schedule(begunMs);
      }
      this.#revive();
      if (this.#failure !== null) throw this.#failure;
      await delay(POLL_MS);
    }
    this.stop();
    await Promise.all(this.#doing);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const name of this.#cluster.names) this.#cluster.node(name)?.resume();
  }

  get #isOver(): boolean {
    const { members, done } = this.#cluster;
    return this.#doing.size === 0 && members.every((name) => done.includes(name));
  }

  /** False when nothing has come further for too long. */
  #moves(): boolean {
    const { newest, stands } = this.#witness;
    if (newest > this.#newest) {
      this.#newest = newest;
      this.#cluster.changedMs = performance.now();
    }
    if (performance.now() - this.#cluster.changedMs < STALL_MS) return true;
    const places = [...stands].map(([name, step]) => `${name} at step ${step}`).join(', ');
    const seconds = STALL_MS / 1000;
    this.#witness.violate(`nothing came further for ${seconds} s; ${places || 'none began'}`);
    return false;
  }

  #schedule(begunMs: number): void {
    for (const fault of this.#plan.schedule) {
      this.#after(fault.atMs, () => {
        // Without anybody to suffer or to mend it, it would show nothing.
        if (this.#cluster.hasEnded) return;
        const atMs = Math.round(performance.now() - begunMs);
        this.#plan.note(`${(atMs / 1000).toFixed(1)} s  ${faultText(fault)}`);
        this.carriedOut.push({ ...fault, atMs });
        const heal = this.#begin(fault);
        if (fault.durationMs !== null) this.#after(fault.durationMs, () => this.#do(heal));
      });
    }
  }

  #after(delayMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, delayMs);
    this.#timers.add(timer);
  }

  /** Keeps the run from ending meanwhile. */
  #do(act: Heal): void {
    const doing = Promise.resolve(act())
      .catch((error) => {
        this.#failure ??= error as Error;
      })
      .finally(() => this.#doing.delete(doing));
    this.#doing.add(doing);
  }

  #begin(fault: Fault): Heal {
    if (isLinkFault(fault)) return this.#cluster.links?.begin(fault) ?? NOTHING;
    const heals = fault.nodes.map((name) => this.#beginOn(name, fault));
    return async () => {
      for (const heal of heals) await heal();
    };
  }

  #beginOn(name: string, fault: FaultOf<'crash' | 'pause' | 'slow' | 'join'>): Heal {
    const node = this.#cluster.node(name);
    switch (fault.fault) {
      case 'crash':
        return this.#crash(name, fault);
      case 'pause':
        return node.pause();
      case 'slow': {
        const stoppedMs = SLOW_PERIOD_MS * (1 - 1 / fault.args.factor);
        const timer = setInterval(() => {
          this.#after(stoppedMs, node.pause());
        }, SLOW_PERIOD_MS);
        this.#timers.add(timer);
        return () => clearInterval(timer);
      }
      case 'join':
        this.#do(() => this.#cluster.join(name));
        return NOTHING;
    }
  }

  #crash(name: string, { args, durationMs }: FaultOf<'crash'>): Heal {
    const downs = this.#downs;
    const node = this.#cluster.node(name);
    downs.set(name, (downs.get(name) ?? 0) + 1);
    const killed = this.#cluster.kill(name, durationMs === null).then(async () => {
      if (args.disk === 'wiped') await node.wipe();
      if (args.disk === 'older') await node.makeOlder();
    });
    this.#do(() => killed);
    return async () => {
      await killed;
      downs.set(name, downs.get(name)! - 1);
      const isMember = this.#cluster.members.includes(name);
      if (downs.get(name) === 0 && isMember && !node.isRunning) await this.#cluster.restart(name);
    };
  }

  /** Who comes back after the others have ended needs what they hold: they are started again. */
  #revive(): void {
    const { done, running, changedMs } = this.#cluster;
    const isLate = done.length > 0 && running.length > 0 && running.every((n) => this.#lags(n));
    if (!isLate || performance.now() - changedMs < REVIVE_MS) return;
    if (this.#revivals++ >= REVIVALS_MAX) return;
    this.#plan.note(`${running.join(', ')} missed the end; started again: ${done.join(', ')}`);
    for (const name of done) this.#do(() => this.#cluster.restart(name));
  }

  #lags(name: string): boolean {
    return (this.#witness.stands.get(name) ?? -1) < this.#witness.newest;
  }
}
