/**
 * A Llama-family decoder in plain tfjs, to be read in one sitting: embedding, blocks of attention
 * and gated feed-forward, head. Any tfjs backend runs it; compute records it instead.
 */
import * as tf from '@tensorflow/tfjs';
import { assert, defined } from '../../../protocol/assert.ts';
import type { ParameterSpec } from '../../../protocol/buckets.ts';
import type { LlamaConfig } from '../llama-config.ts';
import {
  blockLayer,
  decoderLayers,
  decoderParameters,
  EMBEDDING_NAME,
  HEAD_NAME,
  NORM_NAME,
} from '../parameters.ts';
import { type Chunk, causalAttention, causalChunks } from './attention.ts';
import { crossEntropy, embed, rmsNorm, rotate, swiglu } from './gradients.ts';
import { rotationTable } from './rotation.ts';

/** The model's functions of its parameters, given in the order of `parameters`. */
export interface Decoder {
  readonly config: LlamaConfig;
  readonly parameters: readonly ParameterSpec[];
  /** The parameters' layers in the order in which they are used: embedding, blocks, norm, head. */
  readonly layers: readonly string[];
  /** tokens int32 [B, S], each in 0..vocabularySize − 1; gives [B·S, vocabularySize]. */
  logits(parameters: readonly tf.Tensor[], tokens: tf.Tensor): tf.Tensor;
  /** −ln p of each target, int32 [B, S]; 0 where it is −1; gives [B·S]. */
  tokenLosses(parameters: readonly tf.Tensor[], tokens: tf.Tensor, targets: tf.Tensor): tf.Tensor;
}

/** Gives a parameter by its name. */
type Weights = (name: string) => tf.Tensor;

/** What every block needs to know of the positions 0..S − 1. */
interface Positions {
  /** cos and sin for the query and the key, [S, headDim / 2]; the query's divided by √headDim. */
  readonly queryRotation: readonly [tf.Tensor, tf.Tensor];
  readonly keyRotation: readonly [tf.Tensor, tf.Tensor];
  readonly chunks: readonly Chunk[];
}

export function createDecoder(config: LlamaConfig): Decoder {
  const parameters = decoderParameters(config);
  const places = new Map(parameters.map(({ name }, place) => [name, place]));

  function logits(values: readonly tf.Tensor[], tokens: tf.Tensor): tf.Tensor {
    assert(values.length === parameters.length, `${values.length} of ${parameters.length} tensors`);
    const weight: Weights = (name) => defined(values[defined(places.get(name), name)], name);
    const [batch, length] = tokens.shape as [number, number];
    const flatTokens = tf.reshape(tokens, [batch * length]) as tf.Tensor1D;
    const positions = createPositions(config, length);

    let hidden = embed(weight(EMBEDDING_NAME), flatTokens);
    for (let index = 0; index < config.layers; index++) {
      const own: Weights = (part) => weight(`${blockLayer(index)}.${part}.weight`);
      hidden = block(config, own, hidden, [batch, length], positions);
    }
    hidden = rmsNorm(hidden, weight(NORM_NAME), config.rmsNormEps);
    return linear(hidden, weight(config.tieWordEmbeddings ? EMBEDDING_NAME : HEAD_NAME));
  }

  function tokenLosses(values: readonly tf.Tensor[], tokens: tf.Tensor, targets: tf.Tensor) {
    const flatTargets = tf.reshape(targets, [targets.size]) as tf.Tensor1D;
    return crossEntropy(logits(values, tokens), flatTargets);
  }

  return { config, parameters, layers: decoderLayers(config), logits, tokenLosses };
}

/** One block: hidden [B·S, hiddenSize] to the same. */
function block(
  config: LlamaConfig,
  weight: Weights,
  hidden: tf.Tensor,
  [batch, length]: readonly [number, number],
  positions: Positions,
): tf.Tensor {
  const { heads, keyValueHeads, headDim, rmsNormEps } = config;
  const input = rmsNorm(hidden, weight('input_layernorm'), rmsNormEps);
  const headed = (part: string, count: number) => {
    const projected = linear(input, weight(`self_attn.${part}`));
    return tf.transpose(tf.reshape(projected, [batch, length, count, headDim]), [0, 2, 1, 3]);
  };
  const query = rotate(headed('q_proj', heads), ...positions.queryRotation);
  const key = rotate(headed('k_proj', keyValueHeads), ...positions.keyRotation);
  const value = headed('v_proj', keyValueHeads);
  const mixed = causalAttention(query, key, value, positions.chunks);
  const joined = tf.transpose(mixed, [0, 2, 1, 3]);
  const flat = tf.reshape(joined, [batch * length, heads * headDim]);
  const attended = tf.add(hidden, linear(flat, weight('self_attn.o_proj')));

  const normed = rmsNorm(attended, weight('post_attention_layernorm'), rmsNormEps);
  const gated = swiglu(
    linear(normed, weight('mlp.gate_proj')),
    linear(normed, weight('mlp.up_proj')),
  );
  return tf.add(attended, linear(gated, weight('mlp.down_proj')));
}

/** x [N, in] by weight [out, in]: [N, out]. */
function linear(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  return tf.matMul(x, weight, false, true);
}

function createPositions(config: LlamaConfig, length: number): Positions {
  const { headDim, ropeTheta } = config;
  const { cosine, sine } = rotationTable(length, headDim, ropeTheta);
  const shape: [number, number] = [length, headDim / 2];
  // Attention divides its scores by √headDim; done to the query here, it costs nothing.
  const scaled = (table: Float32Array) => table.map((value) => value / Math.sqrt(headDim));
  return {
    queryRotation: [tf.tensor2d(scaled(cosine), shape), tf.tensor2d(scaled(sine), shape)],
    keyRotation: [tf.tensor2d(cosine, shape), tf.tensor2d(sine, shape)],
    chunks: causalChunks(length),
  };
}
