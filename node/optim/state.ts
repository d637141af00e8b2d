/**
 * The optimizer's state of one bucket: how it begins, its fixed order, its way to bytes and back.
 */
import { assert, defined } from '../../protocol/assert.ts';
import type { OptimizerConfig } from './config.ts';
import type { ShardState } from './types.ts';

/** Names of a state's arrays, in the order in which they are hashed, sent and stored. */
export function stateArrayNames(config: OptimizerConfig): readonly string[] {
  if (config.name === 'adamw') return ['mu', 'nu'];
  return config.momentum > 0 ? ['mu'] : [];
}

/** How many scalars the state has. */
export function stateScalarCount(config: OptimizerConfig): number {
  return config.name === 'adamw' ? 2 : 0;
}

/** The state before the first step, for a bucket of `length` parameters. */
export function createState(config: OptimizerConfig, length: number): ShardState {
  const names = stateArrayNames(config);
  return {
    arrays: Object.fromEntries(names.map((name) => [name, new Float32Array(length)])),
    scalars: new Float64Array(stateScalarCount(config)).fill(1),
  };
}

/**
 * The state as bytes: the arrays in the order of their names (f32), then the scalars (float64),
 * as views of the machine's memory, which is little-endian (protocol/codecs.ts asserts it). What
 * hashes and checkpoints are made of.
 */
export function stateBytes(state: ShardState): Uint8Array[] {
  const names = Object.keys(state.arrays).sort();
  return [...names.map((name) => state.arrays[name]!), state.scalars].map(
    (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
  );
}

/** Asserts that a state is one that this optimizer makes for a bucket of `length` parameters. */
export function assertState(config: OptimizerConfig, length: number, state: ShardState): void {
  const names = stateArrayNames(config);
  assert(
    Object.keys(state.arrays).sort().join() === names.join(),
    `state has ${Object.keys(state.arrays)}, ${config.name} keeps ${names}`,
  );
  for (const name of names) {
    const array = defined(state.arrays[name], name);
    assert(array.length === length, `${name} has ${array.length} values, expected ${length}`);
  }
  const scalars = stateScalarCount(config);
  assert(state.scalars.length === scalars, `${state.scalars.length} scalars, expected ${scalars}`);
}
