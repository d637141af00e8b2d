/**
 * A holder's bucket as named arrays, which is how checkpoints keep it: all that is needed to
 * compute its next value.
 */
import type { CodecName } from '../../protocol/codecs.ts';
import { packValue, unpackValue } from '../../protocol/msgpack.ts';
import {
  assertState,
  type OptimizerConfig,
  type ShardState,
  stateArrayNames,
  stateScalarCount,
} from '../optim/index.ts';

/** By name: `published`, `master` under a lossy codec, the optimizer's, `aggregatorState`. */
export type StoredArrays = Readonly<Record<string, Float32Array | Float64Array>>;

export interface HeldValue {
  readonly published: Float32Array;
  readonly master: Float32Array;
  readonly state: ShardState;
}

const SCALARS = 'optimizerScalars';
const AGGREGATOR = 'aggregatorState';

/** Views of the value's memory. */
export function arraysOf(
  codec: CodecName,
  { published, master, state }: HeldValue,
  aggregator: Float64Array,
): StoredArrays {
  return {
    published,
    ...(codec === 'f32' ? {} : { master }),
    ...state.arrays,
    [SCALARS]: state.scalars,
    [AGGREGATOR]: aggregator,
  };
}

/** Inverse of `arraysOf`; undefined where arrays are missing or are not what they should be. */
export function heldValueOf(
  codec: CodecName,
  optimizer: OptimizerConfig,
  length: number,
  arrays: StoredArrays,
): { value: HeldValue; aggregator: Float64Array } | undefined {
  const bulk = (name: string) => {
    const array = arrays[name];
    return array instanceof Float32Array && array.length === length ? array : undefined;
  };
  const published = bulk('published');
  const master = codec === 'f32' ? published?.slice() : bulk('master');
  const kept = stateArrayNames(optimizer).map((name) => [name, bulk(name)] as const);
  const scalars = arrays[SCALARS];
  const aggregator = arrays[AGGREGATOR];
  const whole = published && master && kept.every(([, array]) => array !== undefined);
  if (!whole || !(aggregator instanceof Float64Array)) return undefined;
  if (!(scalars instanceof Float64Array) || scalars.length !== stateScalarCount(optimizer)) {
    return undefined;
  }
  const state = { arrays: Object.fromEntries(kept) as Record<string, Float32Array>, scalars };
  assertState(optimizer, length, state);
  return { value: { published, master, state }, aggregator };
}

/** The arrays as bytes for another holder: each with its kind, little-endian. */
export function packArrays(arrays: StoredArrays): Uint8Array {
  const fields = Object.entries(arrays).map(([name, array]) => [
    `${array instanceof Float64Array ? 'f64' : 'f32'} ${name}`,
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
  ]);
  return packValue(Object.fromEntries(fields));
}

/** Inverse of `packArrays`, in memory of its own; undefined where the bytes are no such arrays. */
export function unpackArrays(bytes: Uint8Array): StoredArrays | undefined {
  const unpacked = unpackValue(bytes);
  if ('fault' in unpacked || typeof unpacked.value !== 'object') return undefined;
  const arrays: Record<string, Float32Array | Float64Array> = {};
  for (const [field, value] of Object.entries(unpacked.value ?? {})) {
    const kind = field.slice(0, 3);
    const width = kind === 'f64' ? 8 : 4;
    const isArray = value instanceof Uint8Array && value.length % width === 0;
    if (!isArray || !/^f(32|64) \w+$/.test(field)) return undefined;
    const { buffer } = value.slice();
    arrays[field.slice(4)] = kind === 'f64' ? new Float64Array(buffer) : new Float32Array(buffer);
  }
  return arrays;
}
