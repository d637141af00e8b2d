/**
 * config.json of a Hugging Face folder, in the spelling of Transformers 4 or 5, to what the decoder
 * needs. What asks for anything that the decoder does not do is refused by name, never ignored.
 */
import { z } from 'zod';
import { FIXED_VALUES, isHarmless, REFUSED_KEYS } from './config-keys.ts';
import { ModelConfigError } from './errors.ts';
import type { LlamaConfig } from './llama-config.ts';

/** What config.json says: the decoder's sizes, and the tokens that begin and end a document. */
export interface ParsedConfig {
  readonly config: LlamaConfig;
  readonly bosId: number;
  /** Where the file lists several, the first. */
  readonly eosId: number;
}

/** Transformers' defaults for keys that a file may leave out. */
const DEFAULTS = { ropeTheta: 10_000, rmsNormEps: 1e-6, maxPositionEmbeddings: 2048 };

const ARCHITECTURE = 'LlamaForCausalLM';

const count = z
  .number()
  .int()
  .positive()
  .max(2 ** 31 - 1);
const id = z.number().int().nonnegative();
const theta = z.number().finite().min(1);

const schema = z.object({
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  rms_norm_eps: z.number().positive().nullish(),
  max_position_embeddings: count.nullish(),
  tie_word_embeddings: z.boolean().nullish(),
  rope_theta: theta.nullish(),
  rope_parameters: z.record(z.string(), z.unknown()).nullish(),
  rope_scaling: z.record(z.string(), z.unknown()).nullish(),
  layer_types: z.array(z.string()).nullish(),
  bos_token_id: id,
  eos_token_id: z.union([id, z.array(id).min(1)]),
});

type RawConfig = z.infer<typeof schema>;

/** Checks and translates; `path` is named in the ModelConfigError that it throws. */
export function parseConfig(raw: unknown, path: string): ParsedConfig {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new ModelConfigError(path, undefined, 'is not a JSON object.');
  }
  const object = raw as Record<string, unknown>;
  assertArchitecture(object, path);
  for (const [key, value] of Object.entries(object)) assertKey(key, value, path);
  const parsed = schema.safeParse(object);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const key = issue?.path.join('.') ?? '';
    const shown = key in object ? `is ${JSON.stringify(object[key])}` : 'is missing';
    throw new ModelConfigError(path, key, `${shown}: ${issue?.message}.`);
  }
  return translate(parsed.data, path);
}

function assertArchitecture(object: Record<string, unknown>, path: string): void {
  if (object['model_type'] === undefined) {
    throw new ModelConfigError(path, 'model_type', 'is missing, expected "llama".');
  }
  const { architectures } = object;
  if (architectures === undefined || architectures === null) return;
  if (!Array.isArray(architectures) || !architectures.includes(ARCHITECTURE)) {
    const problem = `is ${JSON.stringify(architectures)}, expected ["${ARCHITECTURE}"].`;
    throw new ModelConfigError(path, 'architectures', `${problem} Use another model.`);
  }
}

/** Refuses a key that asks for what the decoder does not do, and one that nobody here knows. */
function assertKey(key: string, value: unknown, path: string): void {
  if (value === null && key !== 'model_type') return;
  const shown = JSON.stringify(value);
  const allowed = FIXED_VALUES.get(key);
  if (allowed !== undefined) {
    if (allowed.some((one) => one === value)) return;
    const done = allowed.map((one) => JSON.stringify(one)).join(' or ');
    const problem = `is ${shown}; the decoder does only ${done}. Use another model.`;
    throw new ModelConfigError(path, key, problem);
  }
  if (REFUSED_KEYS.has(key)) {
    const problem = `is ${shown}, which the decoder does not do. Use another model.`;
    throw new ModelConfigError(path, key, problem);
  }
  if (!(key in schema.shape) && !isHarmless(key)) {
    const problem = `(${shown}) is not a key that the decoder knows; it could change numbers.`;
    throw new ModelConfigError(path, key, `${problem} Remove it if it does not.`);
  }
}

function translate(raw: RawConfig, path: string): ParsedConfig {
  const heads = raw.num_attention_heads;
  const keyValueHeads = raw.num_key_value_heads ?? heads;
  const { hidden_size: hiddenSize, num_hidden_layers: layers } = raw;
  const refuse = (key: string, problem: string): never => {
    throw new ModelConfigError(path, key, problem);
  };
  if (heads % keyValueHeads !== 0) {
    refuse('num_key_value_heads', `is ${keyValueHeads}, which does not divide ${heads} heads.`);
  }
  if (!raw.head_dim && hiddenSize % heads !== 0) {
    refuse('hidden_size', `is ${hiddenSize}, which ${heads} heads do not divide; give head_dim.`);
  }
  const headDim = raw.head_dim ?? hiddenSize / heads;
  if (headDim % 2 !== 0) refuse('head_dim', `is ${headDim}, expected an even number.`);
  const other = raw.layer_types?.find((type) => type !== 'full_attention');
  if (other !== undefined) refuse('layer_types', `holds "${other}", expected full_attention.`);
  if (raw.layer_types && raw.layer_types.length !== layers) {
    refuse('layer_types', `has ${raw.layer_types.length} entries for ${layers} layers.`);
  }
  const eosId = Array.isArray(raw.eos_token_id) ? raw.eos_token_id[0]! : raw.eos_token_id;
  for (const [key, token] of Object.entries({
    bos_token_id: raw.bos_token_id,
    eos_token_id: eosId,
  })) {
    if (token >= raw.vocab_size) refuse(key, `is ${token}, but vocab_size is ${raw.vocab_size}.`);
  }
  const config: LlamaConfig = {
    vocabularySize: raw.vocab_size,
    hiddenSize,
    intermediateSize: raw.intermediate_size,
    layers,
    heads,
    keyValueHeads,
    headDim,
    ropeTheta: ropeTheta(raw, path),
    rmsNormEps: raw.rms_norm_eps ?? DEFAULTS.rmsNormEps,
    maxPositionEmbeddings: raw.max_position_embeddings ?? DEFAULTS.maxPositionEmbeddings,
    tieWordEmbeddings: raw.tie_word_embeddings ?? false,
  };
  return { config, bosId: raw.bos_token_id, eosId };
}

/** theta from either spelling; every kind of scaling is refused. */
function ropeTheta(raw: RawConfig, path: string): number {
  const given: number[] = raw.rope_theta ? [raw.rope_theta] : [];
  for (const spelling of ['rope_scaling', 'rope_parameters'] as const) {
    for (const [part, value] of Object.entries(raw[spelling] ?? {})) {
      const key = `${spelling}.${part}`;
      const refuse = (expected: string): never => {
        const problem = `is ${JSON.stringify(value)}, expected ${expected}. Use another model.`;
        throw new ModelConfigError(path, key, problem);
      };
      if (part === 'rope_theta') {
        const parsed = theta.safeParse(value);
        given.push(parsed.success ? parsed.data : refuse('a number from 1'));
      } else if (part === 'rope_type' || part === 'type') {
        if (value !== 'default') refuse('"default": the decoder scales no positions');
      } else if (value !== null && !(part === 'partial_rotary_factor' && value === 1)) {
        refuse('nothing: the decoder scales no positions');
      }
    }
  }
  const [first = DEFAULTS.ropeTheta, ...others] = given;
  const other = others.find((value) => value !== first);
  if (other !== undefined) {
    throw new ModelConfigError(path, 'rope_theta', `is given as ${first} and as ${other}.`);
  }
  return first;
}
