/**
 * Writes an ONNX model's bytes: the few messages of onnx.proto (IR version 9) that our programs
 * need, on protobufjs's writer. It knows the wire, not what operators mean.
 */
import protobuf from 'protobufjs/minimal.js';
import { type Numbers, sizeOf, type ValueType } from '../program.ts';

/** Domain of ONNX Runtime's own operators. */
export const MICROSOFT = 'com.microsoft';

const IR_VERSION = 9;
const OPSET_VERSION = 18;

/** TensorProto.DataType. */
export const DATA_TYPES: Readonly<Record<ValueType | 'int64', number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
};

/** AttributeProto.AttributeType. */
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_INTS = 7;

export type Attribute = number | string | readonly number[];

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly domain?: string;
}

/** protobuf's wire types. */
const VARINT = 0;
const BYTES = 2;

type Fill = (writer: protobuf.Writer) => void;

function field(writer: protobuf.Writer, number: number, wireType: number): protobuf.Writer {
  return writer.uint32((number << 3) | wireType);
}

function message(writer: protobuf.Writer, number: number, fill: Fill): void {
  field(writer, number, BYTES).fork();
  fill(writer);
  writer.ldelim();
}

function text(writer: protobuf.Writer, number: number, value: string): void {
  field(writer, number, BYTES).string(value);
}

function integer(writer: protobuf.Writer, number: number, value: number): void {
  field(writer, number, VARINT).int64(value);
}

/** One graph in the making; parts may come in any order, nodes in one in which they can run. */
export class ModelWriter {
  private readonly parts: Fill[] = [];
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** An operator: NodeProto. */
  node(operator: string, inputs: string[], outputs: string[], options: NodeOptions = {}): void {
    this.part(1, (writer) => {
      for (const input of inputs) text(writer, 1, input);
      for (const output of outputs) text(writer, 2, output);
      text(writer, 4, operator);
      for (const [key, value] of Object.entries(options.attributes ?? {})) {
        message(writer, 5, (inner) => writeAttribute(inner, key, value));
      }
      if (options.domain !== undefined) text(writer, 7, options.domain);
    });
  }

  /** A constant: TensorProto with raw little-endian data. */
  constant(name: string, shape: readonly number[], values: Numbers | BigInt64Array): void {
    const type =
      values instanceof Float32Array
        ? DATA_TYPES.float32
        : values instanceof Int32Array
          ? DATA_TYPES.int32
          : values instanceof Uint8Array
            ? DATA_TYPES.bool
            : DATA_TYPES.int64;
    if (values.length !== sizeOf(shape)) throw new RangeError(`${name}: ${values.length} values`);
    this.part(5, (writer) => {
      for (const size of shape) integer(writer, 1, size);
      integer(writer, 2, type);
      text(writer, 8, name);
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      field(writer, 9, BYTES).bytes(bytes);
    });
  }

  input(name: string, shape: readonly number[], type: ValueType): void {
    this.part(11, (writer) => writeValueInfo(writer, name, shape, type));
  }

  output(name: string, shape: readonly number[], type: ValueType): void {
    this.part(12, (writer) => writeValueInfo(writer, name, shape, type));
  }

  /** ModelProto with everything that was added. */
  finish(): Uint8Array {
    const writer = protobuf.Writer.create();
    integer(writer, 1, IR_VERSION);
    text(writer, 2, 'isogloss');
    message(writer, 7, (graph) => {
      text(graph, 2, this.name);
      for (const fill of this.parts) fill(graph);
    });
    writeOpset(writer, '', OPSET_VERSION);
    writeOpset(writer, MICROSOFT, 1);
    return writer.finish();
  }

  private part(number: number, fill: Fill): void {
    this.parts.push((graph) => message(graph, number, fill));
  }
}

function writeAttribute(writer: protobuf.Writer, name: string, value: Attribute): void {
  text(writer, 1, name);
  if (typeof value === 'number') {
    integer(writer, 3, value);
    integer(writer, 20, ATTRIBUTE_INT);
  } else if (typeof value === 'string') {
    text(writer, 4, value);
    integer(writer, 20, ATTRIBUTE_STRING);
  } else {
    for (const item of value) integer(writer, 8, item);
    integer(writer, 20, ATTRIBUTE_INTS);
  }
}

function writeValueInfo(
  writer: protobuf.Writer,
  name: string,
  shape: readonly number[],
  type: ValueType,
): void {
  text(writer, 1, name);
  message(writer, 2, (typeProto) =>
    message(typeProto, 1, (tensorType) => {
      integer(tensorType, 1, DATA_TYPES[type]);
      message(tensorType, 2, (shapeProto) => {
        for (const size of shape) message(shapeProto, 1, (dim) => integer(dim, 1, size));
      });
    }),
  );
}

function writeOpset(writer: protobuf.Writer, domain: string, version: number): void {
  message(writer, 8, (opset) => {
    text(opset, 1, domain);
    integer(opset, 2, version);
  });
}
