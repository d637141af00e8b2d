/**
 * For every tfjs kernel that can be recorded: the ONNX operators that do the same. Most map one to
 * one; where they don't, the reason stands there.
 */
import { assert } from '../../../protocol/assert.ts';
import type { Numbers, Value } from '../program.ts';
import { DATA_TYPES, MICROSOFT, type NodeOptions } from './model-writer.ts';

/** An operation as its lowering sees it: values with names, and somewhere to write to. */
export interface Site {
  /** Name and shape of an input, by tfjs's name of it. */
  input(name: string): NamedValue;
  /** All inputs in order, for kernels that take a list. */
  readonly inputs: readonly NamedValue[];
  readonly outputs: readonly NamedValue[];
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Writes an operator whose outputs are the operation's own. */
  emit(operator: string, inputs: readonly string[], options?: NodeOptions): void;
  /** Writes an operator with one new output, whose name it returns. */
  intermediate(operator: string, inputs: readonly string[], options?: NodeOptions): string;
  /** Names of new constants. */
  integers(values: readonly number[]): string;
  constant(values: Numbers, shape: readonly number[]): string;
}

export interface NamedValue extends Value {
  readonly name: string;
}

export type Lowering = (site: Site) => void;

const binary =
  (operator: string): Lowering =>
  (site) =>
    site.emit(operator, [site.input('a').name, site.input('b').name]);

const unary =
  (operator: string): Lowering =>
  (site) =>
    site.emit(operator, [site.input('x').name]);

/** A reduction over the axes that the shapes show: tfjs spells them in several ways. */
const reduction =
  (operator: string, axisKey: string): Lowering =>
  (site) => {
    const x = site.input('x');
    const axes = axesOf(site.attributes[axisKey], x.shape.length);
    const keepdims = site.attributes['keepDims'] === true ? 1 : 0;
    site.emit(operator, [x.name, site.integers(axes)], { attributes: { keepdims } });
  };

function axesOf(attribute: unknown, rank: number): number[] {
  if (attribute === undefined || attribute === null)
    return Array.from({ length: rank }, (_, i) => i);
  return [attribute].flat().map((axis) => ((axis as number) + rank) % rank);
}

/** 2-D products with a transpose are Gemm; batched ones are ONNX Runtime's FusedMatMul. */
function matMul(site: Site): void {
  const [a, b] = [site.input('a'), site.input('b')];
  const transA = site.attributes['transposeA'] === true ? 1 : 0;
  const transB = site.attributes['transposeB'] === true ? 1 : 0;
  const attributes = { transA, transB };
  const names = [a.name, b.name];
  if (transA === 0 && transB === 0) site.emit('MatMul', names);
  else if (a.shape.length === 2) site.emit('Gemm', names, { attributes });
  else site.emit('FusedMatMul', names, { attributes, domain: MICROSOFT });
}

function shaped(operator: string): Lowering {
  return (site) => site.emit(operator, [site.input('x').name, site.integers(made(site).shape)]);
}

function made(site: Site): NamedValue {
  return site.outputs[0]!;
}

function numberAttribute(site: Site, key: string): number {
  const value = site.attributes[key];
  assert(typeof value === 'number', `attribute ${key} is ${String(value)}, expected a number`);
  return value;
}

function softmax(site: Site): void {
  site.emit('Softmax', [site.input('logits').name], { attributes: { axis: -1 } });
}

function split(site: Site): void {
  const x = site.input('x');
  const axis = axesOf(site.attributes['axis'], x.shape.length)[0]!;
  const sizes = site.integers(site.outputs.map(({ shape }) => shape[axis]!));
  site.emit('Split', [x.name, sizes], { attributes: { axis } });
}

function concat(site: Site): void {
  const axis = axesOf(site.attributes['axis'], made(site).shape.length)[0]!;
  site.emit(
    'Concat',
    site.inputs.map(({ name }) => name),
    { attributes: { axis } },
  );
}

function slice(site: Site): void {
  const x = site.input('x');
  const begin = site.attributes['begin'] as number[];
  const end = begin.map((start, axis) => start + made(site).shape[axis]!);
  const axes = begin.map((_, axis) => axis);
  site.emit('Slice', [x.name, ...[begin, end, axes].map((list) => site.integers(list))]);
}

function pad(site: Site): void {
  const paddings = site.attributes['paddings'] as [number, number][];
  const pads = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
  const filling = site.constant(Float32Array.of(numberAttribute(site, 'constantValue')), []);
  site.emit('Pad', [site.input('x').name, site.integers(pads), filling]);
}

/**
 * Indices from −depth to −1 count from the end here and are all-off in tfjs: our models mask them.
 * ONNX Runtime makes f32 of int32 indices only with an int32 depth.
 */
function oneHot(site: Site): void {
  assert(made(site).type === 'float32', `oneHot makes ${made(site).type}, expected float32`);
  const depth = site.constant(Int32Array.of(numberAttribute(site, 'depth')), [1]);
  const [off, on] = [numberAttribute(site, 'offValue'), numberAttribute(site, 'onValue')];
  const levels = site.constant(Float32Array.of(off, on), [2]);
  const inputs = [site.input('indices').name, depth, levels];
  site.emit('OneHot', inputs, { attributes: { axis: -1 } });
}

function cast(site: Site): void {
  site.emit('Cast', [site.input('x').name], { attributes: { to: DATA_TYPES[made(site).type] } });
}

/**
 * Rows added up at their segment's place, in row order. ScatterElements, because ONNX Runtime runs
 * it in one thread: its ScatterND adds in parallel, in no fixed order.
 */
function segmentSum(site: Site): void {
  const [x, ids] = [site.input('x'), site.input('segmentIds')];
  assert(ids.shape.length === 1, `segment ids are [${ids.shape}], expected one axis`);
  const column = [x.shape[0]!, ...x.shape.slice(1).map(() => 1)];
  const standing = site.intermediate('Reshape', [ids.name, site.integers(column)]);
  const places = site.intermediate('Expand', [standing, site.integers(x.shape)]);
  const zero = site.constant(
    Float32Array.of(0),
    x.shape.map(() => 1),
  );
  const zeros = site.intermediate('Expand', [zero, site.integers(made(site).shape)]);
  const attributes = { axis: 0, reduction: 'add' };
  site.emit('ScatterElements', [zeros, places, x.name], { attributes });
}

const squared: Lowering = (site) => {
  const { name } = site.input('x');
  site.emit('Mul', [name, name]);
};

const reciprocalRoot: Lowering = (site) =>
  site.emit('Reciprocal', [site.intermediate('Sqrt', [site.input('x').name])]);

/** By tfjs's kernel name. */
export const lowerings: Readonly<Record<string, Lowering>> = {
  Add: binary('Add'),
  Sub: binary('Sub'),
  Multiply: binary('Mul'),
  RealDiv: binary('Div'),
  GreaterEqual: binary('GreaterOrEqual'),
  Neg: unary('Neg'),
  Exp: unary('Exp'),
  Log: unary('Log'),
  Sigmoid: unary('Sigmoid'),
  Square: squared,
  Rsqrt: reciprocalRoot,
  Softmax: softmax,
  BatchMatMul: matMul,
  Sum: reduction('ReduceSum', 'axis'),
  Mean: reduction('ReduceMean', 'axis'),
  Max: reduction('ReduceMax', 'reductionIndices'),
  Reshape: shaped('Reshape'),
  Transpose: (site) => {
    const perm = site.attributes['perm'] as number[];
    site.emit('Transpose', [site.input('x').name], { attributes: { perm } });
  },
  Concat: concat,
  SplitV: split,
  Slice: slice,
  PadV2: pad,
  Cast: cast,
  OneHot: oneHot,
  GatherV2: (site) => {
    const names = [site.input('x').name, site.input('indices').name];
    site.emit('Gather', names, { attributes: { axis: 0 } });
  },
  UnsortedSegmentSum: segmentSum,
};
