/**
 * The refined partition of parameter buckets by who depends on them (Hu and Yu, ICLR 2025): the
 * finest one whose graph of languages and groups is a forest. There, and only there, block-wise
 * stationarity is the refined Pareto stationarity that their theory speaks of.
 *
 * Their rule merges the buckets on a cycle until there is none. The buckets of one biconnected
 * component lie on a common cycle and others never do, so one depth-first pass finds them all, in
 * time linear in the number of (language, bucket) pairs.
 */
import { assert } from '../../protocol/assert.ts';

/**
 * Groups of bucket indices, each ascending, by their first. `masks[b][l]` is 1 where language l
 * depends on bucket b; a bucket that nobody depends on is a group of its own.
 */
export function refinedGroups(masks: readonly Uint8Array[]): number[][] {
  const merged = new DisjointSets(masks.length);
  for (const component of bicomponents(masks)) {
    for (const bucket of component) merged.join(component[0]!, bucket);
  }
  const groups = new Map<number, number[]>();
  masks.forEach((_, bucket) => {
    const root = merged.find(bucket);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [bucket]);
    else group.push(bucket);
  });
  return [...groups.values()];
}

/** The buckets of each biconnected component of the bipartite graph, by Tarjan's edge stack. */
function bicomponents(masks: readonly Uint8Array[]): number[][] {
  const { neighbours, offsets } = adjacency(masks);
  const nodes = offsets.length - 1;
  const buckets = masks.length;
  const order = new Int32Array(nodes).fill(-1);
  const low = new Int32Array(nodes);
  const next = offsets.slice(0, nodes);
  const parent = new Int32Array(nodes).fill(-1);
  const components: number[][] = [];
  /** Edges since the articulation points on the way, as pairs of nodes. */
  const edges: number[] = [];
  let clock = 0;
  for (let root = 0; root < nodes; root++) {
    if (order[root] !== -1) continue;
    const path = [root];
    order[root] = low[root] = clock++;
    while (path.length > 0) {
      const node = path.at(-1)!;
      if (next[node]! < offsets[node + 1]!) {
        const other = neighbours[next[node]!++]!;
        if (order[other] === -1) {
          edges.push(node, other);
          parent[other] = node;
          order[other] = low[other] = clock++;
          path.push(other);
        } else if (other !== parent[node] && order[other]! < order[node]!) {
          edges.push(node, other);
          low[node] = Math.min(low[node]!, order[other]!);
        }
        continue;
      }
      path.pop();
      const above = parent[node]!;
      if (above === -1) continue;
      low[above] = Math.min(low[above]!, low[node]!);
      if (low[node]! < order[above]!) continue;
      components.push(bucketsOf(edges, above, node, buckets));
    }
  }
  return components;
}

/** Takes the edges from (above, node) on off the stack; the buckets among their ends. */
function bucketsOf(edges: number[], above: number, node: number, buckets: number): number[] {
  const found = new Set<number>();
  for (;;) {
    const to = edges.pop();
    const from = edges.pop();
    assert(from !== undefined && to !== undefined, 'the edge to a node is on the stack');
    if (from < buckets) found.add(from);
    if (to < buckets) found.add(to);
    if (from === above && to === node) return [...found];
  }
}

/** Neighbours of buckets 0 … B − 1, then of languages, in one array with offsets. */
function adjacency(masks: readonly Uint8Array[]) {
  const buckets = masks.length;
  const languages = masks[0]?.length ?? 0;
  const offsets = new Int32Array(buckets + languages + 1);
  const each = (visit: (bucket: number, language: number) => void) =>
    masks.forEach((mask, bucket) => {
      assert(mask.length === languages, `mask of ${mask.length} of ${languages} languages`);
      for (let l = 0; l < languages; l++) if (mask[l] === 1) visit(bucket, buckets + l);
    });
  each((bucket, language) => {
    offsets[bucket + 1]! += 1;
    offsets[language + 1]! += 1;
  });
  for (let node = 0; node < buckets + languages; node++) offsets[node + 1]! += offsets[node]!;
  const neighbours = new Int32Array(offsets.at(-1)!);
  const at = offsets.slice();
  each((bucket, language) => {
    neighbours[at[bucket]!++] = language;
    neighbours[at[language]!++] = bucket;
  });
  return { neighbours, offsets };
}

/** Union and find, the smaller index leading. */
class DisjointSets {
  readonly #parent: Int32Array;

  constructor(size: number) {
    this.#parent = Int32Array.from({ length: size }, (_, i) => i);
  }

  find(item: number): number {
    let root = item;
    while (this.#parent[root] !== root) root = this.#parent[root]!;
    for (let walk = item; walk !== root; ) {
      const up = this.#parent[walk]!;
      this.#parent[walk] = root;
      walk = up;
    }
    return root;
  }

  join(a: number, b: number): void {
    const [x, y] = [this.find(a), this.find(b)];
    this.#parent[Math.max(x, y)] = Math.min(x, y);
  }
}
