/**
 * What a program is: tfjs kernels on named values, in order, with no number computed. Plain data.
 */
import { assert } from '../../protocol/assert.ts';

export type ValueType = 'float32' | 'int32' | 'bool';

/** A place in `Program.values`. */
export type ValueId = number;

/** A tensor that a program speaks of: its shape and type, without its numbers. */
export interface Value {
  readonly shape: readonly number[];
  readonly type: ValueType;
}

/** Numbers of a tensor in row-major order; bool as 0 and 1. */
export type Numbers = Float32Array | Int32Array | Uint8Array;

/**
 * One tfjs kernel, with its inputs and attributes by tfjs's names (0, 1, … where tfjs takes a
 * list).
 */
export interface Operation {
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, ValueId>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly outputs: readonly ValueId[];
}

/** A function of tensors, written down. Operations stand in an order in which they can be run. */
export interface Program {
  readonly name: string;
  readonly values: readonly Value[];
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  readonly constants: ReadonlyMap<ValueId, Numbers>;
  readonly operations: readonly Operation[];
}

/** Number of elements of a tensor of this shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The value behind an id, which must exist. */
export function valueAt(program: Pick<Program, 'values'>, id: ValueId): Value {
  const value = program.values[id];
  assert(value !== undefined, `value ${id} of ${program.values.length} does not exist`);
  return value;
}

/** Asserts that every operation reads only what stands before it, and that all outputs are made. */
export function assertProgram(program: Program): void {
  const made = new Set([...program.inputs, ...program.constants.keys()]);
  for (const { kernel, inputs, outputs } of program.operations) {
    for (const [name, id] of Object.entries(inputs)) {
      assert(made.has(id), `${program.name}: ${kernel} reads ${name} before it is made`);
    }
    for (const id of outputs) {
      assert(!made.has(id), `${program.name}: ${kernel} makes value ${id} a second time`);
      made.add(id);
    }
  }
  for (const id of program.outputs)
    assert(made.has(id), `${program.name}: output ${id} is not made`);
}
