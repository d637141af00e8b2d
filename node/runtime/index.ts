/**
 * A running node, from an actor, a model and a network.
 *
 * @example
 * const node = new RunningNode({ actor, bulk, base, compute, network, unit, onStepped, onLog });
 * await node.start();
 * const { root, parameters } = await node.done;
 * await node.close();
 */
export type { OtherStatus, Status } from '../actor/index.ts';
export { damageOf } from './checkpoint-damage.ts';
export { EarlyFrames } from './early-frames.ts';
export { RunFailedError } from './errors.ts';
export { type AggregatorModule, importAggregator } from './import-aggregator.ts';
export {
  type ActorLike,
  type NodeOptions,
  type NodeResult,
  type OwnShard,
  RunningNode,
} from './node.ts';
export type { NodeNetwork } from './post.ts';
