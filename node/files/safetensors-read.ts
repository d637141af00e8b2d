/**
 * Reads safetensors files: the header checked in full, then tensors one by one, straight into
 * the memory that they are for.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { assert } from '../../protocol/assert.ts';
import { valueCount } from '../../protocol/buckets.ts';
import { decode, encodedBytes } from '../../protocol/codecs.ts';
import { createArray, isReadable, type TensorArray } from './dtypes.ts';
import { SafetensorsError } from './errors.ts';
import {
  type Header,
  LENGTH_BYTES,
  parseHeader,
  parseHeaderLength,
  type TensorEntry,
} from './safetensors-header.ts';

/** Bytes a read: small enough that decoding a piece does not hold the event loop for long. */
const PIECE_BYTES = 2 ** 20;

/** An open file; to be closed. */
export interface SafetensorsFile extends Header {
  readonly path: string;
  /**
   * The values of one tensor, row by row; BF16 comes widened to f32, exactly. `target`, if given,
   * is filled instead of new memory; it must have the tensor's length, and 64 bits for F64 alone.
   * Throws a SafetensorsError for a tensor that isn't there or of a type that isn't read.
   */
  read(name: string, target?: TensorArray): Promise<TensorArray>;
  close(): Promise<void>;
}

/** Opens and checks. Throws a SafetensorsError. */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const handle = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new SafetensorsError(path, undefined, `cannot be read (${cause.code}).`, { cause });
  });
  try {
    const header = await readHeader(path, handle);
    return {
      ...header,
      path,
      read: (name, target) => readTensor(path, handle, header, name, target),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readHeader(path: string, handle: FileHandle): Promise<Header> {
  const { size } = await handle.stat();
  const prefix = new Uint8Array(LENGTH_BYTES);
  await handle.read(prefix, 0, LENGTH_BYTES, 0);
  const json = new Uint8Array(parseHeaderLength(path, prefix, size));
  await readFully(path, handle, json, LENGTH_BYTES);
  return parseHeader(path, json, size);
}

async function readTensor(
  path: string,
  handle: FileHandle,
  header: Header,
  name: string,
  target?: TensorArray,
): Promise<TensorArray> {
  const entry = header.tensors.get(name);
  if (entry === undefined) throw new SafetensorsError(path, name, 'is not in the file.');
  const { dtype, shape } = entry;
  if (!isReadable(dtype)) {
    throw new SafetensorsError(path, name, `${dtype} is not read. Convert it to F32 or BF16.`);
  }
  const length = valueCount(shape);
  const values = target ?? createArray(dtype, length);
  assert(values.length === length, `${name}: ${values.length} places for ${length} values`);
  assert(values instanceof Float64Array === (dtype === 'F64'), `${name}: ${dtype} into other`);
  if (dtype === 'BF16') {
    await readBf16(path, handle, header.dataStart, entry, values as Float32Array);
  } else {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    await readFully(path, handle, bytes, header.dataStart + entry.start);
  }
  return values;
}

async function readBf16(
  path: string,
  handle: FileHandle,
  dataStart: number,
  { start }: TensorEntry,
  values: Float32Array,
): Promise<void> {
  const step = PIECE_BYTES / encodedBytes('bf16', 1);
  for (let first = 0; first < values.length; first += step) {
    const length = Math.min(step, values.length - first);
    const piece = new Uint8Array(encodedBytes('bf16', length));
    await readFully(path, handle, piece, dataStart + start + encodedBytes('bf16', first));
    values.set(decode('bf16', piece, length), first);
  }
}

/** Fills `target` from `position` of the file on. */
async function readFully(
  path: string,
  handle: FileHandle,
  target: Uint8Array,
  position: number,
): Promise<void> {
  let filled = 0;
  while (filled < target.length) {
    const length = Math.min(PIECE_BYTES, target.length - filled);
    const { bytesRead } = await handle.read(target, filled, length, position + filled);
    if (bytesRead === 0) {
      const problem = `ends at byte ${position + filled}, while it is read. Fetch it again.`;
      throw new SafetensorsError(path, undefined, problem);
    }
    filled += bytesRead;
  }
}
