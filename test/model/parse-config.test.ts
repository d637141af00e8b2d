/** config.json: both spellings mean the same, and whatever is not done is refused by its name. */
import test from 'ava';
import { ModelConfigError, parseConfig } from '../../node/model/index.ts';

const BASE = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 260,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-5,
  max_position_embeddings: 64,
  tie_word_embeddings: true,
  bos_token_id: 256,
  eos_token_id: 257,
};

const EXPECTED = {
  vocabularySize: 260,
  hiddenSize: 16,
  intermediateSize: 24,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headDim: 4,
  ropeTheta: 500,
  rmsNormEps: 1e-5,
  maxPositionEmbeddings: 64,
  tieWordEmbeddings: true,
};

const SPELLINGS: [string, object][] = [
  [
    'Transformers 4',
    { rope_theta: 500, rope_scaling: null, torch_dtype: 'float32', head_dim: null },
  ],
  [
    'Transformers 5',
    { rope_parameters: { rope_theta: 500, rope_type: 'default' }, dtype: 'bfloat16', head_dim: 4 },
  ],
  [
    'both at once',
    {
      rope_theta: 500,
      rope_parameters: { rope_theta: 500, rope_type: 'default' },
      use_cache: true,
    },
  ],
  ['a plain scaling', { rope_theta: 500, rope_scaling: { type: 'default' }, _name_or_path: 'x' }],
];

for (const [what, keys] of SPELLINGS) {
  test(`the spelling of ${what} is read`, (t) => {
    const parsed = parseConfig({ ...BASE, ...keys }, 'config.json');
    t.deepEqual(parsed, { config: EXPECTED, bosId: 256, eosId: 257 });
  });
}

test('what a file leaves out has the defaults of Transformers', (t) => {
  const { config, eosId } = parseConfig(
    {
      model_type: 'llama',
      vocab_size: 260,
      hidden_size: 16,
      intermediate_size: 24,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      bos_token_id: 1,
      eos_token_id: [2, 3],
    },
    'config.json',
  );
  t.is(config.keyValueHeads, 4);
  t.is(config.ropeTheta, 10_000);
  t.is(config.rmsNormEps, 1e-6);
  t.is(config.maxPositionEmbeddings, 2048);
  t.false(config.tieWordEmbeddings);
  t.is(eosId, 2);
});

const REFUSED: [keys: Record<string, unknown>, key: string, message: RegExp][] = [
  [{ model_type: 'qwen3' }, 'model_type', /"qwen3"; the decoder does only "llama"/],
  [{ model_type: undefined }, 'model_type', /is missing/],
  [{ model_type: null }, 'model_type', /null/],
  [{ architectures: ['LlamaForSequenceClassification'] }, 'architectures', /expected/],
  [{ hidden_act: 'gelu' }, 'hidden_act', /"gelu"; the decoder does only "silu"/],
  [{ attention_bias: true }, 'attention_bias', /true; the decoder does only false/],
  [{ mlp_bias: true }, 'mlp_bias', /only false/],
  [{ attention_dropout: 0.1 }, 'attention_dropout', /0.1/],
  [{ pretraining_tp: 2 }, 'pretraining_tp', /only 1/],
  [{ partial_rotary_factor: 0.5 }, 'partial_rotary_factor', /0.5/],
  [{ sliding_window: 4096 }, 'sliding_window', /4096/],
  [{ quantization_config: { bits: 4 } }, 'quantization_config', /bits/],
  [{ rope_scaling: { rope_type: 'llama3', factor: 8 } }, 'rope_scaling.rope_type', /"llama3"/],
  [{ rope_scaling: { type: 'linear', factor: 2 } }, 'rope_scaling.type', /"linear"/],
  [{ rope_scaling: { factor: 2 } }, 'rope_scaling.factor', /scales no positions/],
  [{ rope_parameters: { rope_theta: 1, rope_type: 'yarn' } }, 'rope_parameters.rope_type', /yarn/],
  [{ rope_parameters: { rope_theta: 'x' } }, 'rope_parameters.rope_theta', /a number/],
  [{ rope_theta: 500, rope_parameters: { rope_theta: 1000 } }, 'rope_theta', /500 and as 1000/],
  [{ rope_theta: 0.5 }, 'rope_theta', /0.5/],
  [{ layer_types: ['full_attention', 'sliding_attention'] }, 'layer_types', /sliding_attention/],
  [{ layer_types: ['full_attention'] }, 'layer_types', /1 entries for 2 layers/],
  [{ attn_logit_softcapping: 50 }, 'attn_logit_softcapping', /not a key that the decoder knows/],
  [{ num_key_value_heads: 3 }, 'num_key_value_heads', /does not divide/],
  [{ num_attention_heads: 6, num_key_value_heads: 6 }, 'hidden_size', /give head_dim/],
  [{ head_dim: 3 }, 'head_dim', /even/],
  [{ vocab_size: undefined }, 'vocab_size', /missing/],
  [{ hidden_size: '16' }, 'hidden_size', /is "16"/],
  [{ num_hidden_layers: 1.5 }, 'num_hidden_layers', /1.5/],
  [{ bos_token_id: null }, 'bos_token_id', /null/],
  [{ eos_token_id: 260 }, 'eos_token_id', /vocab_size is 260/],
];

for (const [keys, key, message] of REFUSED) {
  const shown = JSON.stringify(keys, (_, value) => (value === undefined ? 'left out' : value));
  test(`${shown} is refused by name`, (t) => {
    const config = JSON.parse(JSON.stringify({ ...BASE, ...keys }));
    const error = t.throws(() => parseConfig(config, 'm/config.json'), {
      instanceOf: ModelConfigError,
      message,
    });
    t.is(error.key, key);
    t.true(error.message.startsWith(`m/config.json: ${key} `), error.message);
    t.is(error.exitCode, 2);
  });
}

test('a config that is no object is refused', (t) => {
  t.throws(() => parseConfig([1], 'c'), { message: 'c: is not a JSON object.' });
});
