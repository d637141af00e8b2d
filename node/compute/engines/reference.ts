/**
 * The reference: a program's kernels replayed one by one on tfjs's cpu backend, plain JavaScript.
 * Slow, and what the other engines are checked against.
 */
import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import { defined } from '../../../protocol/assert.ts';
import { type Numbers, type Operation, type Program, type ValueId, valueAt } from '../program.ts';
import type { Engine, Runner } from './engine.ts';

const BACKEND = 'cpu';

export async function openReference(): Promise<Engine> {
  // In any other mode tfjs greets the user on stderr at the backend's first use.
  tf.env().set('PROD', true);
  return {
    name: 'reference',
    version: tf.version_core,
    // Math.exp and its kin are the JavaScript engine's.
    device: `v8_${process.versions.v8}`,
    load: async (program) => runnerOf(program),
  };
}

function runnerOf(program: Program): Runner {
  return {
    fingerprint: fingerprintOf(program),
    run: async (inputs) => replay(program, inputs),
    release: async () => {},
  };
}

function replay(program: Program, inputs: readonly Numbers[]): Numbers[] {
  const previous = tf.getBackend();
  tf.setBackend(BACKEND);
  try {
    return tf.tidy(() => {
      const tensors = new Map<ValueId, tf.Tensor>();
      const set = (id: ValueId, numbers: Numbers) => {
        const { shape, type } = valueAt(program, id);
        tensors.set(id, tf.tensor(numbers, [...shape], type));
      };
      for (const [id, numbers] of program.constants) set(id, numbers);
      program.inputs.forEach((id, index) => {
        set(id, defined(inputs[index], `input ${index}`));
      });
      for (const operation of program.operations) runKernel(operation, tensors);
      return program.outputs.map((id) => {
        const values = defined(tensors.get(id), `output ${id}`).dataSync();
        return values.slice() as Numbers;
      });
    }) as unknown as Numbers[];
  } finally {
    if (previous) tf.setBackend(previous);
  }
}

function runKernel(
  { kernel, inputs, attributes, outputs }: Operation,
  tensors: Map<ValueId, tf.Tensor>,
): void {
  const named = Object.entries(inputs).map(
    ([name, id]) => [name, defined(tensors.get(id), `${kernel}: ${name}`)] as const,
  );
  // tfjs gives a list where the names are 0, 1, …
  const isList = named.every(([name], place) => name === String(place));
  const given = isList ? named.map(([, tensor]) => tensor) : Object.fromEntries(named);
  const made: tf.Tensor | tf.Tensor[] = tf
    .engine()
    .runKernel(kernel, given as tf.NamedTensorMap, attributes as tf.NamedAttrMap);
  [made].flat().forEach((tensor, place) => {
    tensors.set(outputs[place]!, tensor);
  });
}

function fingerprintOf(program: Program): string {
  const { values, inputs, outputs, operations, constants } = program;
  const hash = createHash('sha256').update(
    JSON.stringify({ values, inputs, outputs, operations, constants: [...constants.keys()] }),
  );
  for (const numbers of constants.values()) {
    hash.update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  }
  return hash.digest('hex');
}
