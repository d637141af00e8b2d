/** The small files of a Hugging Face folder: config.json as Transformers 4 and 5 expect it. */
import type { ParsedConfig } from './parse-config.ts';

/** What the folder of a model is made of, besides its tensors. */
export interface FolderSource extends ParsedConfig {
  /** config.json of the model that this one comes from: bookkeeping is taken over. */
  readonly configJson?: Readonly<Record<string, unknown>>;
  /** Contents by name: tokenizer.json and what goes with it. */
  readonly tokenizerFiles: Readonly<Record<string, string>>;
}

/** Contents by name, for a folder whose tensors are f32. */
export function modelFolderFiles(source: FolderSource): Record<string, string> {
  const { config, configJson = {}, bosId, eosId, tokenizerFiles } = source;
  // rope_scaling was read as "none", and rope_parameters says the same in the newer spelling.
  const { rope_scaling: _, ...kept } = configJson;
  const json = {
    ...kept,
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    attention_bias: false,
    bos_token_id: bosId,
    eos_token_id: kept['eos_token_id'] ?? eosId,
    head_dim: config.headDim,
    hidden_act: 'silu',
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    max_position_embeddings: config.maxPositionEmbeddings,
    mlp_bias: false,
    num_attention_heads: config.heads,
    num_hidden_layers: config.layers,
    num_key_value_heads: config.keyValueHeads,
    rms_norm_eps: config.rmsNormEps,
    // Both spellings, each without the other's reader noticing: Transformers 5, then 4.
    rope_parameters: { rope_theta: config.ropeTheta, rope_type: 'default' },
    rope_theta: config.ropeTheta,
    dtype: 'float32',
    torch_dtype: 'float32',
    tie_word_embeddings: config.tieWordEmbeddings,
    vocab_size: config.vocabularySize,
  };
  return { ...tokenizerFiles, 'config.json': `${JSON.stringify(json, null, 2)}\n` };
}
