/**
 * Makes a recorded program smaller without changing what it computes: values known to be one number
 * throughout, operations that change nothing, and whatever no output needs.
 */
import { defined } from '../../../protocol/assert.ts';
import {
  assertProgram,
  type Numbers,
  type Operation,
  type Program,
  sameShape,
  sizeOf,
  type Value,
  type ValueId,
  valueAt,
} from '../program.ts';

/** Kernels that only move values: of one number throughout they make the same. */
const MOVES = new Set(['Reshape', 'Transpose', 'Slice', 'Identity']);

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Multiply: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
};

/** The operand on the right that leaves the left as it is. */
const NEUTRAL: Readonly<Record<string, number>> = { Add: 0, Sub: 0, Multiply: 1, RealDiv: 1 };

/** Fewer operations, the same outputs (but for x + 0, which makes −0 of −0 where IEEE says 0). */
export function simplify(program: Program): Program {
  const known = new Map<ValueId, number>();
  const same = new Map<ValueId, ValueId>();
  const kept: Operation[] = [];
  for (const [id, numbers] of program.constants) {
    const first = numbers[0];
    if (first !== undefined && numbers.every((number) => number === first)) known.set(id, first);
  }
  for (const recorded of program.operations) {
    const operation = { ...recorded, inputs: renamed(recorded.inputs, same) };
    const output = operation.outputs[0]!;
    const number = uniformResult(program, operation, known);
    const source = unchangedInput(program, operation, known);
    if (number !== undefined) known.set(output, Math.fround(number));
    else if (source !== undefined) same.set(output, source);
    else kept.push(operation);
  }
  const constants = new Map(program.constants);
  for (const [id, number] of known) {
    if (!constants.has(id)) constants.set(id, filled(valueAt(program, id), number));
  }
  const outputs = program.outputs.map((id) => same.get(id) ?? id);
  const simplified = withoutDeadCode({ ...program, constants, outputs, operations: kept });
  assertProgram(simplified);
  return simplified;
}

function renamed(
  inputs: Operation['inputs'],
  same: ReadonlyMap<ValueId, ValueId>,
): Operation['inputs'] {
  return Object.fromEntries(Object.entries(inputs).map(([name, id]) => [name, same.get(id) ?? id]));
}

/**
 * The number that the operation's f32 output consists of, where that is known without running it.
 */
function uniformResult(
  program: Program,
  { kernel, inputs, outputs }: Operation,
  known: ReadonlyMap<ValueId, number>,
): number | undefined {
  if (valueAt(program, outputs[0]!).type !== 'float32' || outputs.length > 1) return undefined;
  if (MOVES.has(kernel)) return known.get(inputs['x']!);
  const calculate = ARITHMETIC[kernel];
  if (calculate === undefined) return undefined;
  const a = known.get(inputs['a']!);
  const b = known.get(inputs['b']!);
  return a === undefined || b === undefined ? undefined : calculate(a, b);
}

/** The input that the operation hands on as it is, if it does. */
function unchangedInput(
  program: Program,
  { kernel, inputs, attributes, outputs }: Operation,
  known: ReadonlyMap<ValueId, number>,
): ValueId | undefined {
  const made = valueAt(program, outputs[0]!);
  const keepsShape = (id: ValueId) => sameShape(valueAt(program, id).shape, made.shape);
  const x = inputs['x'];
  if (x !== undefined) {
    if (kernel === 'Identity') return x;
    if (kernel === 'Reshape' && keepsShape(x)) return x;
    if (kernel === 'Cast' && valueAt(program, x).type === made.type) return x;
    const inPlace = (axis: number, place: number) => axis === place;
    if (kernel === 'Transpose' && (attributes['perm'] as number[]).every(inPlace)) return x;
    return undefined;
  }
  const neutral = NEUTRAL[kernel];
  if (neutral === undefined) return undefined;
  const { a, b } = inputs as { a: ValueId; b: ValueId };
  if (known.get(b) === neutral && keepsShape(a)) return a;
  const commutes = kernel === 'Add' || kernel === 'Multiply';
  return commutes && known.get(a) === neutral && keepsShape(b) ? b : undefined;
}

function filled(value: Value, number: number): Numbers {
  return new Float32Array(sizeOf(value.shape)).fill(number);
}

/** Drops operations and constants that no output depends on. */
function withoutDeadCode(program: Program): Program {
  const needed = new Set(program.outputs);
  const operations = program.operations.toReversed().filter(({ inputs, outputs }) => {
    if (!outputs.some((id) => needed.has(id))) return false;
    for (const id of Object.values(inputs)) needed.add(id);
    return true;
  });
  const ids = [...program.constants.keys()].filter((id) => needed.has(id));
  const constants = new Map(
    ids.map((id) => [id, defined(program.constants.get(id), `constant ${id}`)]),
  );
  return { ...program, constants, operations: operations.reverse() };
}
