/** A rough estimate of what a node needs, from the model's shape; good to tell 'no' from 'yes'. */
import type { LlamaConfig } from '../../model/index.ts';
import type { Config } from '../config/index.ts';

const BYTES_PER_VALUE = 4;

/**
 * Times P: two steps' parameters, the engine's copy, master, two moments, gradients, and slices.
 */
const COPIES_IN_MEMORY = 8;

/** Times P: parameters, master and two moments. */
const COPIES_IN_CHECKPOINT = 4;

/** The newest checkpoint and the one before, the result, and the baseline's. */
const CHECKPOINTS_ON_DISK = 4;

/** Activations of a layer that are kept for the backward part, in widths of the model. */
const KEPT_WIDTHS = 14;

/** Logits, their softmax and their gradient. */
const KEPT_LOGITS = 3;

/** Node, libp2p, tfjs and an engine, before any model. */
const BASE_BYTES = 250e6;

/** Bytes of memory for one node. */
export function memoryEstimate(model: LlamaConfig, parameters: number, config: Config): number {
  const { sequenceLength } = config.model;
  const tokens = config.data.unitSequences * sequenceLength;
  const layer =
    KEPT_WIDTHS * model.hiddenSize + 3 * model.intermediateSize + model.heads * sequenceLength;
  const activations = tokens * (model.layers * layer + KEPT_LOGITS * model.vocabularySize);
  return BASE_BYTES + BYTES_PER_VALUE * (COPIES_IN_MEMORY * parameters + activations);
}

/** Bytes on disk for the whole run. */
export function diskEstimate(parameters: number): number {
  return BYTES_PER_VALUE * COPIES_IN_CHECKPOINT * CHECKPOINTS_ON_DISK * parameters;
}
