/**
 * For every tfjs kernel that our models use: the shapes and types of what it makes. A kernel
 * without a rule cannot be recorded. Attributes are tfjs's own.
 */
import * as tf from '@tensorflow/tfjs';
import { assert } from '../../../protocol/assert.ts';
import { sizeOf, type Value } from '../program.ts';

/** Inputs by tfjs's names (a list counts as 0, 1, …) and attributes to outputs. */
export type ShapeRule = (
  inputs: Readonly<Record<string, Value>>,
  attributes: Readonly<Record<string, unknown>>,
) => readonly Value[];

const rules = new Map<string, ShapeRule>();

/** All kernels that can be recorded. */
export const shapeRules: ReadonlyMap<string, ShapeRule> = rules;

/** Files a rule. tfjs calls its kernels with these attributes, as its types say. */
function define<Names extends string, Attributes extends object>(
  kernels: readonly string[],
  rule: (inputs: Record<Names, Value>, attributes: Attributes) => Value | Value[],
): void {
  for (const kernel of kernels) {
    rules.set(kernel, (inputs, attributes) => {
      const made = rule(inputs as Record<Names, Value>, attributes as unknown as Attributes);
      return Array.isArray(made) ? made : [made];
    });
  }
}

const broadcast = (a: Value, b: Value) =>
  tf.broadcast_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);

define<'a' | 'b', object>(['Add', 'Sub', 'Multiply', 'RealDiv'], ({ a, b }) => ({
  shape: broadcast(a, b),
  type: a.type,
}));

define<'a' | 'b', object>(['GreaterEqual'], ({ a, b }) => ({
  shape: broadcast(a, b),
  type: 'bool',
}));

define<'x', object>(['Neg', 'Square', 'Rsqrt', 'Exp', 'Log', 'Sigmoid', 'Identity'], ({ x }) => x);

define<'logits', tf.SoftmaxAttrs>(['Softmax'], ({ logits }) => logits);

define<'a' | 'b', tf.BatchMatMulAttrs>(['BatchMatMul'], ({ a, b }, { transposeA, transposeB }) => {
  const [rows, inner] = lastTwo(a, transposeA);
  const [innerToo, columns] = lastTwo(b, transposeB);
  assert(inner === innerToo, `matMul of [${a.shape}] and [${b.shape}]: inner sizes differ`);
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(
    a.shape.slice(0, -2),
    b.shape.slice(0, -2),
  );
  return { shape: [...outer, rows, columns], type: a.type };
});

function lastTwo({ shape }: Value, transpose: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transpose ? [columns, rows] : [rows, columns];
}

const reduce = (x: Value, over: number | number[] | undefined, keepDims: boolean): Value => {
  const axes = reducedAxes(x, over);
  const shape = x.shape
    .map((size, axis) => (axes.includes(axis) ? 1 : size))
    .filter((_, axis) => keepDims || !axes.includes(axis));
  return { shape, type: x.type };
};

/** The axes that a reduction removes, each 0 or above. */
export function reducedAxes(x: Value, over: number | number[] | undefined): number[] {
  return tf.util.parseAxisParam(over as number, [...x.shape]);
}

define<'x', tf.SumAttrs>(['Sum', 'Mean'], ({ x }, { axis, keepDims }) => reduce(x, axis, keepDims));
define<'x', tf.MaxAttrs>(['Max'], ({ x }, { reductionIndices, keepDims }) =>
  reduce(x, reductionIndices, keepDims));

define<'x', tf.ReshapeAttrs>(['Reshape'], ({ x }, { shape }) => ({
  shape: tf.util.inferFromImplicitShape(shape, sizeOf(x.shape)),
  type: x.type,
}));

define<'x', tf.TransposeAttrs>(['Transpose'], ({ x }, { perm }) => ({
  shape: perm.map((axis) => x.shape[axis]!),
  type: x.type,
}));

define<string, tf.ConcatAttrs>(['Concat'], (inputs, { axis }) => {
  const parts = Object.values(inputs);
  const place = tf.util.parseAxisParam(axis, [...parts[0]!.shape])[0]!;
  const shape = [...parts[0]!.shape];
  shape[place] = parts.reduce((sum, part) => sum + part.shape[place]!, 0);
  return { shape, type: parts[0]!.type };
});

define<'x', tf.SplitVAttrs>(['SplitV'], ({ x }, { numOrSizeSplits, axis }) => {
  const place = tf.util.parseAxisParam(axis, [...x.shape])[0]!;
  const source = { shape: [...x.shape] } as tf.Tensor;
  return tf.backend_util
    .prepareSplitSize(source, numOrSizeSplits, place)
    .map((size) => ({ shape: x.shape.with(place, size), type: x.type }));
});

define<'x', tf.SliceAttrs>(['Slice'], ({ x }, { begin, size }) => ({
  shape: (size as number[]).map((count, axis) =>
    count === -1 ? x.shape[axis]! - (begin as number[])[axis]! : count,
  ),
  type: x.type,
}));

define<'x', tf.PadV2Attrs>(['PadV2'], ({ x }, { paddings }) => ({
  shape: x.shape.map((size, axis) => size + paddings[axis]![0] + paddings[axis]![1]),
  type: x.type,
}));

define<'x', tf.CastAttrs>(['Cast'], ({ x }, { dtype }) => {
  assert(dtype === 'float32' || dtype === 'int32' || dtype === 'bool', `no values of ${dtype}`);
  return { shape: x.shape, type: dtype };
});

define<'indices', tf.OneHotAttrs>(['OneHot'], ({ indices }, { depth, dtype }) => ({
  shape: [...indices.shape, depth],
  type: dtype === 'float32' ? 'float32' : 'int32',
}));

define<'x' | 'indices', tf.GatherV2Attrs>(['GatherV2'], ({ x, indices }, { axis, batchDims }) => {
  assert(axis === 0 && batchDims === 0, `gather along axis ${axis}, batch ${batchDims}: only rows`);
  return { shape: [...indices.shape, ...x.shape.slice(1)], type: x.type };
});

define<'x' | 'segmentIds', tf.UnsortedSegmentSumAttrs>(['UnsortedSegmentSum'], (
  { x, segmentIds },
  { numSegments },
) => ({
  shape: [numSegments, ...x.shape.slice(segmentIds.shape.length)],
  type: x.type,
}));
