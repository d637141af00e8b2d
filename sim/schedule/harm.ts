/** Harm that is done once or by the clock: memory that flips, and messages nobody asked for. */
import type { StoredArrays } from '../../node/bulk/index.ts';
import { hashOf } from '../../protocol/hashes.ts';
import { drawBelow, drawKey } from '../core/draws.ts';
import { WireFrame } from '../network/index.ts';
import { flipBit, type Process, type SimNode } from '../process/index.ts';
import type { World } from '../world.ts';

const KEY = drawKey(0, 'harmed memory');

/** A bit of a published value in memory. */
export function flipParameter(world: World, { running }: SimNode, id: number): void {
  if (running === null || running.step < 0 || !running.actor.status?.complete) return;
  const bucket = drawBelow(KEY, world.model.groupOf.length, id);
  flip(running.bulk.published(running.step, bucket), id);
  running.readParametersAgain();
}

/** A bit of what the optimizer keeps of a bucket that the node holds. */
export function flipOptimizer(world: World, node: SimNode, id: number): void {
  flipHeld(world, node, id, ({ mu, published }) => mu ?? published);
}

/** A bit of what the aggregator remembers of a group of which the node holds a bucket. */
export function flipState(world: World, node: SimNode, id: number): void {
  flipHeld(world, node, id, ({ aggregatorState }) => {
    if (aggregatorState === undefined || aggregatorState.length === 0) return undefined;
    const { buffer, byteOffset, length } = aggregatorState;
    return new Float32Array(buffer, byteOffset, 2 * length);
  });
}

function flipHeld(
  world: World,
  { running }: SimNode,
  id: number,
  arrayOf: (arrays: StoredArrays) => StoredArrays[string] | undefined,
): void {
  if (running === null || running.step < 0) return;
  const { groupOf } = world.model;
  const first = drawBelow(KEY, groupOf.length, id);
  for (let i = 0; i < groupOf.length; i++) {
    const arrays = storedOf(running, (first + i) % groupOf.length);
    const array = arrays && arrayOf(arrays);
    if (!(array instanceof Float32Array)) continue;
    flip(array, id);
    return;
  }
}

function storedOf(running: Process, bucket: number) {
  try {
    return running.bulk.stored(running.step, bucket);
  } catch {
    return undefined; // it does not hold the whole value
  }
}

function flip(values: Float32Array, id: number): void {
  flipBit(values, drawBelow(KEY, values.length, id, 1), drawBelow(KEY, 30, id, 2));
}

/** Wants without end, to everybody. */
export function flood(world: World, node: SimNode, perS: number): () => void {
  const { clock, network } = world;
  let isOver = perS <= 0;
  const again = () => {
    if (isOver) return;
    const { running } = node;
    if (running !== null && running.step >= 0) {
      const { step, root } = running;
      const names = [{ kind: 'value', step, bucket: 0 } as const];
      const want = { kind: 'want' as const, step, root, names, compute: false };
      const frame = new WireFrame(want, null, running.sender);
      for (const peer of world.nodes) {
        if (peer !== node) network.send(node.index, peer.index, 'control', frame, clock.nowMs);
      }
    }
    clock.after(1000 / perS, again);
  };
  again();
  return () => {
    isOver = true;
  };
}

/** Updates of every bucket that are of no owner, with hashes that fit. */
export function forgeUpdates(world: World, node: SimNode): void {
  const { clock, network, model } = world;
  const { running } = node;
  if (running === null || running.step < 0 || !running.actor.status?.complete) return;
  const { step, root } = running;
  for (const { index: bucket } of model.actor.layout.buckets) {
    const payload = running.bulk.published(step, bucket);
    const bytes = new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength).slice();
    bytes[0] = bytes[0]! ^ 1;
    const published = hashOf(bytes);
    const other = hashOf('forged', published);
    const hashes = { published, optimizer: other, aggregator: other };
    const outcome = 'tensor' as const;
    const message = {
      kind: 'update' as const,
      step,
      root,
      bucket,
      outcome,
      ...hashes,
      resolution: null,
    };
    const frame = new WireFrame(message, bytes, running.sender);
    node.lies++;
    for (const peer of world.nodes) {
      if (peer !== node) network.send(node.index, peer.index, 'bulk', frame, clock.nowMs);
    }
  }
}
