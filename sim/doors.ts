/**
 * Who is let in where two simulated processes connect: what each states goes through the real
 * admission, and who is turned away is told. Only in worlds in which somebody is to be: a thousand
 * nodes that state the same dial each other half a million times, which at 0.15 ms each is more
 * than a minute of a core, and what admission makes of equal statements is the same each time.
 */
import { DialError } from '../node/admission/index.ts';
import { type DrawKey, draw32, drawKey } from './core/draws.ts';
import { meet, type Visitor } from './network/index.ts';
import { type Difference, type SimNode, Statements } from './process/index.ts';
import type { World } from './world.ts';

const NONCE_WORDS = 8;
const NO_DIFFERENCES: ReadonlySet<Difference> = new Set();

export class Doors {
  readonly #world: World;
  readonly #isWatched: boolean;
  /** Null: there is no list. */
  readonly #allow: ReadonlySet<string> | null;
  readonly #statements: Statements;
  readonly #key: DrawKey;
  #meetings = 0;

  constructor(world: World) {
    const { scenario, schedule } = world;
    this.#world = world;
    const isListed = scenario.allowList === true;
    this.#isWatched =
      isListed || schedule.some(({ fault }) => fault === 'mismatch' || fault === 'otherTokenizer');
    const joiners = schedule.flatMap(({ fault, nodes }) => (fault === 'join' ? nodes : []));
    this.#allow = isListed ? new Set([...scenario.nodes, ...joiners]) : null;
    this.#statements = new Statements(scenario);
    this.#key = drawKey(scenario.seed, 'nonces');
  }

  /** Whether a process that starts on a node now is one that others let in. */
  admits({ name, differences }: SimNode): boolean {
    return differences.length === 0 && (this.#allow?.has(name) ?? true);
  }

  /** What comes of a dial that got through; another network key fails the handshake. */
  meet(a: number, b: number): 'admitted' | 'refused' | 'failed' {
    if (!this.#isWatched) return 'admitted';
    const [first, second] = [this.#world.nodes[a]!, this.#world.nodes[b]!];
    this.#meetings++;
    const errors = meet(this.#visitor(first), this.#visitor(second));
    if (errors === null) {
      for (const observer of this.#world.observers) {
        observer.admitted?.(first.running!, second.running!);
      }
      return 'admitted';
    }
    this.#part(first, second, errors[0]);
    this.#part(second, first, errors[1]);
    return errors[0].name === 'NetworkKeyError' ? 'failed' : 'refused';
  }

  /** A dial was answered by somebody who proved to be another. */
  strangerAnswered(node: number, peer: number): void {
    const { nodes } = this.#world;
    const error = new DialError([nodes[peer]!.name], 'another peer answers there');
    this.#part(nodes[node]!, nodes[peer]!, error);
  }

  /** In a turn of its own, for a process may end of it. */
  #part(node: SimNode, peer: SimNode, error: Error): void {
    const { clock, trace, observers } = this.#world;
    trace.world(clock.nowMs, `${node.name} turns from ${peer.name}: ${error.name}`);
    for (const observer of observers) observer.turnedAway?.(node, error);
    const { running } = node;
    clock.after(0, () => running?.turnedAway(peer.name, error));
  }

  #visitor({ name, index, running }: SimNode): Visitor {
    const differences = running?.differences ?? NO_DIFFERENCES;
    const nonce = new Uint32Array(NONCE_WORDS).map((_, i) => {
      return draw32(this.#key, index, this.#meetings, i);
    });
    return {
      peerId: name,
      ...this.#statements.of(name, differences, running?.isWaiting === false),
      allow: this.#allow,
      nonce: new Uint8Array(nonce.buffer),
    };
  }
}
