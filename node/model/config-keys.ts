/**
 * Keys of a Llama config.json that the decoder does not turn into numbers: those that must have one
 * value, because the decoder does nothing else, and those that change no number.
 */

/** The values that a key may have; it may also be absent or null, which ask for nothing. */
export const FIXED_VALUES: ReadonlyMap<string, readonly (string | number | boolean)[]> = new Map<
  string,
  readonly (string | number | boolean)[]
>([
  ['model_type', ['llama']],
  ['hidden_act', ['silu', 'swish']],
  ['attention_bias', [false]],
  ['mlp_bias', [false]],
  ['attention_dropout', [0]],
  ['pretraining_tp', [1]],
  ['partial_rotary_factor', [1]],
  ['rope_interleaved', [false]],
  ['use_sliding_window', [false]],
  ['is_encoder_decoder', [false]],
  ['add_cross_attention', [false]],
  ['tie_encoder_decoder', [false]],
]);

/** Keys that must be absent or null, whatever else they may hold. */
export const REFUSED_KEYS: ReadonlySet<string> = new Set(['sliding_window', 'quantization_config']);

/** Bookkeeping: known, and without effect on any number that is computed in training. */
const HARMLESS_KEYS: ReadonlySet<string> = new Set([
  'architectures',
  'auto_map',
  'begin_suppress_tokens',
  'chunk_size_feed_forward',
  'dtype',
  'finetuning_task',
  'id2label',
  'initializer_range',
  'is_decoder',
  'is_llama_config',
  'label2id',
  'max_length',
  'name_or_path',
  'num_labels',
  'output_attentions',
  'output_hidden_states',
  'pad_token_id',
  'problem_type',
  'return_dict',
  'task_specific_params',
  'torch_dtype',
  'torchscript',
  'transformers.js_config',
  'transformers_version',
  'unk_token_id',
  'use_cache',
]);

/** Whether a key changes no number. By Transformers' custom an underscore marks its own notes. */
export function isHarmless(key: string): boolean {
  return key.startsWith('_') || HARMLESS_KEYS.has(key);
}
