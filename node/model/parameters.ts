/**
 * The decoder's parameter table: Hugging Face's names and layout, without loading any tensor
 * library.
 */
import type { ParameterSpec } from '../../protocol/buckets.ts';
import { compareNames } from '../../protocol/buckets.ts';
import type { LlamaConfig } from './llama-config.ts';

export const EMBEDDING_LAYER = 'model.embed_tokens';
export const NORM_LAYER = 'model.norm';
export const HEAD_LAYER = 'lm_head';
export const EMBEDDING_NAME = `${EMBEDDING_LAYER}.weight`;
export const NORM_NAME = `${NORM_LAYER}.weight`;
export const HEAD_NAME = `${HEAD_LAYER}.weight`;

/** The bucket layer of decoder block number `index`, and the prefix of its parameters' names. */
export function blockLayer(index: number): string {
  return `model.layers.${index}`;
}

/** The layers in the order in which the model uses them; a tied head has none of its own. */
export function decoderLayers({ layers, tieWordEmbeddings }: LlamaConfig): readonly string[] {
  const blocks = Array.from({ length: layers }, (_, index) => blockLayer(index));
  return [EMBEDDING_LAYER, ...blocks, NORM_LAYER, ...(tieWordEmbeddings ? [] : [HEAD_LAYER])];
}

/**
 * Every parameter of the model, sorted by name by code unit. Weights are [out, in]; a tied head is
 * the embedding and appears once.
 */
export function decoderParameters(config: LlamaConfig): readonly ParameterSpec[] {
  const { vocabularySize, hiddenSize, tieWordEmbeddings } = config;
  const table: ParameterSpec[] = [
    { name: EMBEDDING_NAME, shape: [vocabularySize, hiddenSize], layer: EMBEDDING_LAYER },
    { name: NORM_NAME, shape: [hiddenSize], layer: NORM_LAYER },
  ];
  if (!tieWordEmbeddings) {
    table.push({ name: HEAD_NAME, shape: [vocabularySize, hiddenSize], layer: HEAD_LAYER });
  }
  for (let index = 0; index < config.layers; index++) {
    const layer = blockLayer(index);
    for (const [part, shape] of blockShapes(config)) {
      table.push({ name: `${layer}.${part}.weight`, shape, layer });
    }
  }
  return table.sort((a, b) => compareNames(a.name, b.name));
}

function blockShapes(config: LlamaConfig): readonly [string, readonly number[]][] {
  const { hiddenSize, intermediateSize, heads, keyValueHeads, headDim } = config;
  return [
    ['input_layernorm', [hiddenSize]],
    ['self_attn.q_proj', [heads * headDim, hiddenSize]],
    ['self_attn.k_proj', [keyValueHeads * headDim, hiddenSize]],
    ['self_attn.v_proj', [keyValueHeads * headDim, hiddenSize]],
    ['self_attn.o_proj', [hiddenSize, heads * headDim]],
    ['post_attention_layernorm', [hiddenSize]],
    ['mlp.gate_proj', [intermediateSize, hiddenSize]],
    ['mlp.up_proj', [intermediateSize, hiddenSize]],
    ['mlp.down_proj', [hiddenSize, intermediateSize]],
  ];
}
