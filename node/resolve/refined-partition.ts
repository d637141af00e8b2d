/**
 * The refined partition (Hu and Yu, ICLR 2025): the finest one of the variables for which the graph
 * of objectives and blocks has no cycle. Where it holds, stationarity block by block is Refined
 * Pareto Stationarity, and stronger than Pareto stationarity; for finer blocks it may be weaker.
 */
import { assert } from '../../protocol/assert.ts';

/**
 * Blocks of variables, in the order of their first ones, from one mask a variable: mask[i] is 1
 * where objective i depends on it. Whatever lies on a common cycle is one block. A variable may be
 * a bucket. Time and memory grow with the masks alone.
 *
 * Variables are merged that lie in one biconnected component of the graph: Hopcroft and Tarjan
 * 1973. (Components that only share an objective stay apart: two edges do not make a cycle there.)
 */
export function refinedPartition(masks: readonly ArrayLike<number>[]): number[][] {
  const blocks = new Blocks(masks.length);
  for (const edges of biconnectedComponents(masks)) {
    const [first, ...rest] = edges;
    for (const variable of rest) blocks.merge(first!, variable);
  }
  return blocks.list();
}

/** Of every component: the variables at its edges, one edge after the other. */
function biconnectedComponents(masks: readonly ArrayLike<number>[]): number[][] {
  const objectives = masks[0]?.length ?? 0;
  const nodes = objectives + masks.length;
  const neighbours: number[][] = Array.from({ length: nodes }, () => []);
  masks.forEach((mask, variable) => {
    assert(mask.length === objectives, `mask ${variable} has ${mask.length} of ${objectives}`);
    for (let i = 0; i < objectives; i++) {
      if (mask[i] !== 1) continue;
      neighbours[i]!.push(objectives + variable);
      neighbours[objectives + variable]!.push(i);
    }
  });
  const found: number[][] = [];
  /** 0 until a node is seen. */
  const order = new Int32Array(nodes);
  /** The earliest node that is reached from below a node by one edge back. */
  const low = new Int32Array(nodes);
  const next = new Int32Array(nodes);
  /** Variables of the edges that belong to no component yet. */
  const edges: number[] = [];
  let clock = 0;
  const variableOf = (a: number, b: number) => Math.max(a, b) - objectives;
  for (let root = 0; root < nodes; root++) {
    if (order[root] !== 0) continue;
    /** The way down to the node at hand, with the number of edges before each step. */
    const path = [{ node: root, before: 0 }];
    order[root] = low[root] = ++clock;
    while (path.length > 0) {
      const { node, before } = path.at(-1)!;
      const parent = path.at(-2)?.node ?? -1;
      const to = neighbours[node]![next[node]!++];
      if (to === undefined) {
        path.pop();
        if (parent < 0) continue;
        low[parent] = Math.min(low[parent]!, low[node]!);
        if (low[node]! >= order[parent]!) found.push(edges.splice(before));
      } else if (order[to] === 0) {
        path.push({ node: to, before: edges.length });
        edges.push(variableOf(node, to));
        order[to] = low[to] = ++clock;
      } else if (to !== parent && order[to]! < order[node]!) {
        edges.push(variableOf(node, to));
        low[node] = Math.min(low[node]!, order[to]!);
      }
    }
  }
  return found;
}

/** Disjoint sets of variables; the lowest of a set stands for it. */
class Blocks {
  readonly #above: Int32Array;

  constructor(variables: number) {
    this.#above = Int32Array.from({ length: variables }, (_, variable) => variable);
  }

  merge(a: number, b: number): void {
    const [low, high] = [this.#find(a), this.#find(b)].sort((p, q) => p - q) as [number, number];
    this.#above[high] = low;
  }

  #find(variable: number): number {
    let top = variable;
    while (this.#above[top] !== top) {
      this.#above[top] = this.#above[this.#above[top]!]!;
      top = this.#above[top]!;
    }
    return top;
  }

  list(): number[][] {
    const blocks = new Map<number, number[]>();
    this.#above.forEach((_, variable) => {
      const top = this.#find(variable);
      const block = blocks.get(top) ?? [];
      block.push(variable);
      blocks.set(top, block);
    });
    return [...blocks.values()];
  }
}
