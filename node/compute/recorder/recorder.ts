/**
 * Records a tfjs function, gradients included, as a program: a tfjs backend whose kernels only
 * infer shapes and write down what was asked for. Nothing is computed, nothing large allocated.
 */
import * as tf from '@tensorflow/tfjs';
import { assert, defined } from '../../../protocol/assert.ts';
import {
  assertProgram,
  type Numbers,
  type Operation,
  type Program,
  type Value,
  type ValueId,
  type ValueType,
} from '../program.ts';
import { shapeRules } from './shape-rules.ts';

const BACKEND = 'isogloss-recorder';

/** What tfjs passes around in place of data. */
interface Handle {
  readonly id: ValueId;
}

/** The program that is being written; there is one at a time, because tfjs has one engine. */
class Recording {
  readonly values: Value[] = [];
  readonly constants = new Map<ValueId, Numbers>();
  readonly operations: Operation[] = [];

  add(value: Value): tf.TensorInfo {
    const handle: Handle = { id: this.values.length };
    this.values.push(value);
    return { dataId: handle, shape: [...value.shape], dtype: value.type };
  }
}

let recording: Recording | undefined;

/** A backend that holds no numbers: whatever is written to it becomes a constant of the program. */
class RecorderBackend extends tf.KernelBackend {
  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    const info = current().add({ shape, type: valueType(dtype) });
    current().constants.set(idOf(info), constantNumbers(values, dtype));
    return info.dataId;
  }
  override numDataIds(): number {
    return current().values.length;
  }
  override memory() {
    return { unreliable: true };
  }
  override disposeData(): boolean {
    return true;
  }
  override incRef(): void {}
  override refCount(): number {
    return 1;
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override readSync(): never {
    throw new TypeError('a recorded function asked for a number: there is none while recording');
  }
  override async read(): Promise<never> {
    return this.readSync();
  }
}

let registered = false;

function register(): void {
  if (registered) return;
  registered = true;
  tf.registerBackend(BACKEND, () => new RecorderBackend());
  for (const [kernelName, rule] of shapeRules) {
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs }) => {
        const attributes = attrs ?? {};
        const ids = Object.fromEntries(
          Object.entries(inputs).map(([name, tensor]) => [name, idOf(tensor as tf.TensorInfo)]),
        );
        const sources = Object.fromEntries(
          Object.entries(ids).map(([name, id]) => [name, defined(current().values[id], name)]),
        );
        const made = rule(sources, attributes).map((value) => current().add(value));
        const outputs = made.map(idOf);
        current().operations.push({
          kernel: kernelName,
          inputs: ids,
          attributes: { ...attributes },
          outputs,
        });
        return made.length === 1 ? made[0]! : made;
      },
    });
  }
}

/**
 * The program of `build`, a plain tfjs function of tensors with the given shapes and types.
 * Everything that `build` makes from other numbers is a constant of the program.
 */
export function record(
  name: string,
  inputs: readonly Value[],
  build: (...tensors: tf.Tensor[]) => tf.Tensor[],
): Program {
  assert(recording === undefined, `${name} is recorded while another program is`);
  register();
  const previous = tf.getBackend();
  const own = new Recording();
  recording = own;
  try {
    tf.setBackend(BACKEND);
    let inputIds: ValueId[] = [];
    let outputIds: ValueId[] = [];
    tf.tidy(() => {
      const sources = inputs.map((value) => own.add(value));
      inputIds = sources.map(idOf);
      const tensors = sources.map((info) => tf.engine().makeTensorFromTensorInfo(info));
      outputIds = build(...tensors).map(idOf);
    });
    const { values, constants, operations } = own;
    const program = { name, values, inputs: inputIds, outputs: outputIds, constants, operations };
    assertProgram(program);
    return program;
  } finally {
    recording = undefined;
    if (previous) tf.setBackend(previous);
  }
}

function current(): Recording {
  return defined(recording, 'the program that is being recorded');
}

function idOf(tensor: tf.TensorInfo): ValueId {
  return (tensor.dataId as Handle).id;
}

function valueType(dtype: tf.DataType): ValueType {
  assert(dtype === 'float32' || dtype === 'int32' || dtype === 'bool', `no values of ${dtype}`);
  return dtype;
}

function constantNumbers(values: tf.BackendValues, dtype: tf.DataType): Numbers {
  const numbers = values as ArrayLike<number>;
  if (dtype === 'float32') return Float32Array.from(numbers);
  return dtype === 'int32' ? Int32Array.from(numbers) : Uint8Array.from(numbers);
}
