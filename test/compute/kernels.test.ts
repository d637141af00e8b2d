/**
 * Every kernel that can be recorded, forward and with its gradient, on onnx and wasm against the
 * reference.
 */
import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import type { Engine } from '../../node/compute/engines/engine.ts';
import { openOnnx } from '../../node/compute/engines/onnx.ts';
import { openReference } from '../../node/compute/engines/reference.ts';
import { openWasm } from '../../node/compute/engines/wasm.ts';
import { lowerings } from '../../node/compute/onnx/lowerings.ts';
import { type Numbers, type Program, sizeOf, type Value } from '../../node/compute/program.ts';
import { record } from '../../node/compute/recorder/recorder.ts';
import { shapeRules } from '../../node/compute/recorder/shape-rules.ts';
import { simplify } from '../../node/compute/recorder/simplify.ts';
import { causalAttention, causalChunks } from '../../node/model/decoder/attention.ts';
import {
  crossEntropy,
  embed,
  rmsNorm,
  rotate,
  swiglu,
} from '../../node/model/decoder/gradients.ts';
import { allclose } from '../helpers/allclose.ts';
import { randomValues, seededNumbers } from './helpers.ts';

/**
 * A function of f32 tensors of these shapes, with a gradient for each; `ids` int32 inputs come
 * last.
 */
interface Case {
  readonly shapes: readonly (readonly number[])[];
  readonly ids?: { readonly shape: readonly number[]; readonly below: number };
  readonly build: (x: tf.Tensor[], ids: tf.Tensor) => tf.Tensor;
  /** Shifts the inputs from around 0, for logarithms and roots. */
  readonly shift?: number;
  /** For kernels that our models use only inside gradients of their own. */
  readonly forwardOnly?: boolean;
}

const positions = (length: number, half: number) =>
  tf.tensor2d(randomValues(length * half, 5), [length, half]);

const cases: Readonly<Record<string, Case>> = {
  'add and subtract with broadcasting': {
    shapes: [[3, 5], [5], [3, 1]],
    build: ([a, b, c]) => tf.sub(tf.add(a!, b!), c!),
  },
  'multiply and divide with broadcasting': {
    shapes: [[3, 5], [5], [3, 1]],
    build: ([a, b, c]) => tf.div(tf.mul(a!, b!), c!),
    shift: 3,
  },
  'negate, exponentiate, take the logarithm': {
    shapes: [[4, 3]],
    build: ([x]) => tf.neg(tf.mul(tf.exp(x!), tf.log(x!))),
    shift: 2,
  },
  'square, reciprocal root, sigmoid': {
    shapes: [[4, 3]],
    build: ([x]) => tf.mul(tf.rsqrt(tf.square(x!)), tf.sigmoid(x!)),
    shift: 2,
    forwardOnly: true,
  },
  'softmax over the last axis': { shapes: [[2, 3, 7]], build: ([x]) => tf.softmax(x!) },
  'products of matrices, plain and transposed': {
    shapes: [
      [4, 3],
      [3, 5],
    ],
    build: ([a, b]) =>
      tf.add(tf.matMul(a!, b!), tf.matMul(tf.transpose(a!), b!.transpose(), true, true)),
  },
  'products of batches of matrices, plain and transposed': {
    shapes: [
      [2, 2, 4, 3],
      [2, 2, 3, 5],
      [2, 2, 4, 5],
    ],
    build: ([a, b, c]) => tf.matMul(tf.matMul(a!, b!), c!, true),
  },
  'sum, mean and maximum over axes': {
    shapes: [[3, 4, 5]],
    build: ([x]) => tf.add(tf.add(tf.sum(x!, 0), tf.mean(x!, [0])), tf.max(x!, 0)),
    forwardOnly: true,
  },
  'sums that keep their axes, and of everything': {
    shapes: [[3, 4]],
    build: ([x]) => tf.mul(tf.sum(x!), tf.sum(x!, 1, true)),
  },
  'reshape, transpose, split, join': {
    shapes: [[2, 6, 3]],
    build: ([x]) => {
      const [a, b] = tf.split(tf.transpose(x!, [1, 2, 0]), [2, 4], 0);
      return tf.concat([tf.reshape(b!, [4, 6]), tf.reshape(a!, [2, 6])], 0);
    },
  },
  'slice and pad': {
    shapes: [[4, 5]],
    build: ([x]) =>
      tf.pad(
        tf.slice(x!, [1, 2], [2, 3]),
        [
          [1, 0],
          [0, 2],
        ],
        0.5,
      ),
  },
  'one-hot rows and comparison': {
    shapes: [[6, 4]],
    ids: { shape: [6], below: 4 },
    build: ([x], ids) => {
      const large = tf.cast(tf.greaterEqual(ids, tf.scalar(2, 'int32')), 'float32');
      const hot = tf.oneHot(ids as tf.Tensor1D, 4, 1, 0, 'float32');
      return tf.mul(tf.mul(x!, hot), tf.reshape(large, [6, 1]));
    },
  },
  'embedding, with more tokens than rows': {
    shapes: [[5, 3]],
    ids: { shape: [40], below: 4 },
    build: ([table], ids) => embed(table!, ids as tf.Tensor1D),
  },
  'RMS norm': { shapes: [[6, 8], [8]], build: ([x, weight]) => rmsNorm(x!, weight!, 1e-5) },
  SwiGLU: {
    shapes: [
      [5, 7],
      [5, 7],
    ],
    build: ([gate, up]) => swiglu(gate!, up!),
  },
  rotation: {
    shapes: [[2, 3, 5, 8]],
    build: ([x]) => rotate(x!, positions(5, 4), positions(5, 4)),
  },
  'cross-entropy': {
    shapes: [[9, 6]],
    ids: { shape: [9], below: 6 },
    build: ([logits], ids) =>
      crossEntropy(logits!, tf.sub(ids, tf.scalar(1, 'int32')) as tf.Tensor1D),
  },
  'causal attention with grouped queries, in two chunks': {
    shapes: [
      [2, 4, 70, 6],
      [2, 2, 70, 6],
      [2, 2, 70, 6],
    ],
    build: ([q, k, v]) => causalAttention(q!, k!, v!, causalChunks(70)),
  },
};

/** Outputs: the value, and unless forwardOnly the gradient of Σ value · cotangent by each input. */
function programOf(name: string, { shapes, ids, build, forwardOnly }: Case): Program {
  const inputs: Value[] = shapes.map((shape) => ({ shape, type: 'float32' }));
  const idValues: Value[] = ids ? [{ shape: ids.shape, type: 'int32' }] : [];
  const program = record(name, [...inputs, ...idValues], (...tensors) => {
    const own = tensors.slice(0, shapes.length);
    const idTensor = tensors.at(-1)!;
    const value = build(own, idTensor);
    if (forwardOnly) return [value];
    const cotangent = tf.tensor(randomValues(value.size, 11), value.shape);
    const gradients = tf.grads((...x: tf.Tensor[]) => build(x, idTensor))(own, cotangent);
    return [value, ...gradients];
  });
  return simplify(program);
}

function inputsOf({ shapes, ids, shift }: Case): Numbers[] {
  const floats: Numbers[] = shapes.map((shape, i) =>
    randomValues(sizeOf(shape), 100 + i).map((value) => value + (shift ?? 0)),
  );
  if (ids === undefined) return floats;
  const next = seededNumbers(31);
  const draw = () => Math.floor(next() * ids.below);
  return [...floats, Int32Array.from({ length: sizeOf(ids.shape) }, draw)];
}

async function outputsOf(engine: Engine, program: Program, inputs: Numbers[]): Promise<Numbers[]> {
  const runner = await engine.load(program);
  const outputs = await runner.run(inputs);
  await runner.release();
  return outputs;
}

for (const [name, own] of Object.entries(cases)) {
  test.serial(`engines agree on ${name}`, async (t) => {
    const program = programOf(name, own);
    const inputs = inputsOf(own);
    const expected = await outputsOf(await openReference(), program, inputs);
    for (const engine of [await openOnnx({ threads: 1 }), await openWasm()]) {
      const actual = await outputsOf(engine, program, inputs);
      t.is(actual.length, program.outputs.length);
      actual.forEach((numbers, i) => {
        allclose(numbers, expected[i]!, { rtol: 1e-5, atol: 2e-6 });
      });
    }
  });
}

test('every kernel that can be recorded is lowered, and compared above', (t) => {
  const seen = new Set(
    Object.entries(cases).flatMap(([name, own]) =>
      programOf(name, own).operations.map(({ kernel }) => kernel),
    ),
  );
  t.deepEqual([...seen].sort(), Object.keys(lowerings).sort());
  // Identity is simplified away before anything is lowered.
  const recordable = [...shapeRules.keys()].filter((kernel) => kernel !== 'Identity');
  t.deepEqual(recordable.sort(), Object.keys(lowerings).sort());
});

test('a kernel without a shape rule is refused by name', (t) => {
  const input: Value = { shape: [2], type: 'float32' };
  t.throws(() => record('unknown', [input], (x) => [tf.erf(x!)]), { message: /Erf/ });
});

test('a function that asks for a number while it is recorded is refused', (t) => {
  const input: Value = { shape: [2], type: 'float32' };
  t.throws(() => record('reads', [input], (x) => [tf.scalar(x!.dataSync()[0]!)]), {
    message: /no number|none while recording/,
  });
});

test('recording twice gives the same program, and leaves the backend as it was', (t) => {
  const before = tf.getBackend();
  const own = cases['RMS norm']!;
  t.deepEqual(programOf('norm', own), programOf('norm', own));
  t.is(tf.getBackend(), before);
});

test('constants of ones and operations that change nothing leave the program', (t) => {
  const input: Value = { shape: [2, 3], type: 'float32' };
  const program = record('nothing', [input], (x) => {
    const same = tf.add(tf.mul(tf.reshape(x!, [2, 3]), tf.ones([2, 3])), tf.zeros([3]));
    return [tf.transpose(tf.clone(same), [0, 1])];
  });
  t.true(program.operations.length > 0);
  t.deepEqual(simplify(program).operations, []);
  t.deepEqual(simplify(program).outputs, program.inputs);
});
