/**
 * A program as an ONNX model: inputs in0, in1, …, outputs out0, out1, …; the same bytes every time.
 */
import { assert, defined } from '../../../protocol/assert.ts';
import { type Operation, type Program, type ValueId, valueAt } from '../program.ts';
import { lowerings, type NamedValue, type Site } from './lowerings.ts';
import { ModelWriter } from './model-writer.ts';

/** Name of a model's input number `index`. */
export function inputName(index: number): string {
  return `in${index}`;
}

/** Name of a model's output number `index`. */
export function outputName(index: number): string {
  return `out${index}`;
}

/**
 * The bytes of the ONNX model (opset 18 and ONNX Runtime's own operators) that runs the program.
 */
export function lowerProgram(program: Program): Uint8Array {
  const writer = new ModelWriter(program.name);
  const names = new Map(program.inputs.map((id, index) => [id, inputName(index)]));
  const named = (id: ValueId): NamedValue => ({
    name: names.get(id) ?? `v${id}`,
    ...valueAt(program, id),
  });
  for (const id of program.inputs) {
    const { name, shape, type } = named(id);
    writer.input(name, shape, type);
  }
  for (const [id, numbers] of program.constants) {
    writer.constant(named(id).name, named(id).shape, numbers);
  }
  let fresh = 0;
  const nextName = () => `x${fresh++}`;
  for (const operation of program.operations) {
    const lower = lowerings[operation.kernel];
    assert(
      lower !== undefined,
      `${program.name}: no ONNX operators for kernel ${operation.kernel}`,
    );
    lower(siteOf(operation, { writer, named, nextName }));
  }
  program.outputs.forEach((id, index) => {
    const { name, shape, type } = named(id);
    writer.node('Identity', [name], [outputName(index)]);
    writer.output(outputName(index), shape, type);
  });
  return writer.finish();
}

interface Graph {
  readonly writer: ModelWriter;
  readonly named: (id: ValueId) => NamedValue;
  readonly nextName: () => string;
}

function siteOf(operation: Operation, { writer, named, nextName }: Graph): Site {
  const outputs = operation.outputs.map(named);
  return {
    input: (name) => named(defined(operation.inputs[name], `${operation.kernel}: input ${name}`)),
    inputs: Object.values(operation.inputs).map(named),
    outputs,
    attributes: operation.attributes,
    emit(operator, inputs, options) {
      const made = outputs.map(({ name }) => name);
      writer.node(operator, [...inputs], made, options);
    },
    intermediate(operator, inputs, options) {
      const name = nextName();
      writer.node(operator, [...inputs], [name], options);
      return name;
    },
    integers(values) {
      const name = nextName();
      writer.constant(name, [values.length], BigInt64Array.from(values, BigInt));
      return name;
    },
    constant(values, shape) {
      const name = nextName();
      writer.constant(name, shape, values);
      return name;
    },
  };
}
