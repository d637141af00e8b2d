/** The wires and proxies between all nodes, and how a fault of them begins and is healed. */
import type { FaultOf, LinkFault } from './faults.ts';
import { FaultProxy } from './proxy.ts';
import { Wire } from './wire.ts';

type Heal = () => void;
const NOTHING: Heal = () => {};

/** A node that listens. */
export interface Listener {
  readonly name: string;
  readonly port: number;
}

export class Links {
  readonly #names: readonly string[];
  readonly #wires = new Map<string, Wire>();
  /** By who dials and who listens. */
  readonly #proxies = new Map<string, FaultProxy>();

  private constructor(names: readonly string[]) {
    this.#names = names;
  }

  static async open(seed: number, listeners: readonly Listener[]): Promise<Links> {
    const names = listeners.map(({ name }) => name);
    const links = new Links(names);
    for (const from of names) {
      for (const to of names) links.#wires.set(keyOf(from, to), new Wire(seed, from, to));
    }
    for (const { name: to, port: targetPort } of listeners) {
      for (const from of names) {
        if (from === to) continue;
        const [there, back] = [links.#wire(from, to), links.#wire(to, from)];
        links.#proxies.set(keyOf(from, to), await FaultProxy.open({ targetPort, there, back }));
      }
    }
    return links;
  }

  /** Where `from` reaches `to`. */
  port(from: string, to: string): number {
    return this.#proxy(from, to).port;
  }

  begin(fault: LinkFault): Heal {
    if (fault.fault === 'partition') return this.#block(this.#separated(fault));
    const pairs = this.#pairs(fault);
    switch (fault.fault) {
      case 'clog':
        return this.#block(pairs);
      case 'flap':
        return this.#flap(pairs, fault.args.periodMs);
      case 'reset':
        for (const [from, to] of pairs) this.#proxy(from, to).reset();
        for (const [from, to] of pairs) this.#proxy(to, from).reset();
        return NOTHING;
      case 'halfOpen':
        for (const [node, peer] of pairs) {
          if (!fault.nodes.includes(node)) continue;
          this.#proxy(node, peer).halfOpen('listener');
          this.#proxy(peer, node).halfOpen('dialler');
        }
        return NOTHING;
      case 'refuseDial':
        for (const [from, to] of pairs) this.#proxy(from, to).refuse(1);
        return () => {
          for (const [from, to] of pairs) this.#proxy(from, to).refuse(-1);
        };
      default: {
        const wires = pairs.map(([from, to]) => this.#wire(from, to));
        for (const wire of wires) wire.add(fault);
        return () => {
          for (const wire of wires) wire.remove(fault);
        };
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()));
  }

  /** The directed pairs that a fault is about, each once. */
  #pairs({ nodes, args }: Exclude<LinkFault, FaultOf<'partition'>>): [string, string][] {
    const peers = args.peers.length > 0 ? args.peers : this.#names;
    const pairs = new Map<string, [string, string]>();
    for (const node of nodes) {
      for (const peer of peers) {
        if (peer === node) continue;
        pairs.set(keyOf(node, peer), [node, peer]);
        if (!args.oneWay) pairs.set(keyOf(peer, node), [peer, node]);
      }
    }
    return [...pairs.values()];
  }

  #separated({ args }: FaultOf<'partition'>): [string, string][] {
    const groups = args.groups.map((names) => new Set(names));
    return this.#names.flatMap((from) =>
      this.#names.flatMap((to): [string, string][] => {
        const together = groups.some((group) => group.has(from) && group.has(to));
        return from === to || together ? [] : [[from, to]];
      }),
    );
  }

  #block(pairs: readonly [string, string][]): Heal {
    const wires = pairs.map(([from, to]) => this.#wire(from, to));
    for (const wire of wires) wire.block();
    return () => {
      for (const wire of wires) wire.unblock();
    };
  }

  #flap(pairs: readonly [string, string][], periodMs: number): Heal {
    let heal: Heal | null = this.#block(pairs);
    const timer = setInterval(() => {
      if (heal === null) heal = this.#block(pairs);
      else {
        heal();
        heal = null;
      }
    }, periodMs / 2);
    return () => {
      clearInterval(timer);
      heal?.();
    };
  }

  #wire(from: string, to: string): Wire {
    return this.#wires.get(keyOf(from, to))!;
  }

  #proxy(from: string, to: string): FaultProxy {
    return this.#proxies.get(keyOf(from, to))!;
  }
}

const keyOf = (from: string, to: string) => `${from} ${to}`;
