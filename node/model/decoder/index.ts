/**
 * The decoder in plain tfjs. A face of its own beside node/model, because importing it loads tfjs:
 * only what records or runs the model does.
 *
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { createDecoder } from './node/model/decoder/index.ts';
 *
 * const decoder = createDecoder({
 *   vocabularySize: 8, hiddenSize: 4, intermediateSize: 8, layers: 1, heads: 2, keyValueHeads: 1,
 *   headDim: 2, ropeTheta: 10_000, rmsNormEps: 1e-5, maxPositionEmbeddings: 16,
 *   tieWordEmbeddings: true,
 * });
 * const parameters = decoder.parameters.map(({ shape }) => tf.ones([...shape]));
 * decoder.logits(parameters, tf.tensor2d([1, 2, 3], [1, 3], 'int32')).print(); // [3, 8]
 * ```
 */
export type { LlamaConfig } from '../llama-config.ts';
export type { Decoder } from './decoder.ts';
export { createDecoder } from './decoder.ts';
