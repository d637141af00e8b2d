/**
 * Writes safetensors files, piece by piece and synced, so that no tensor exists twice in memory and
 * the event loop is never held. The same tensors give the same bytes.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { assert } from '../../protocol/assert.ts';
import { compareNames, valueCount } from '../../protocol/buckets.ts';
import { encode } from '../../protocol/codecs.ts';
import { bytesPerElement, type Dtype, type TensorArray } from './dtypes.ts';
import { formatHeader } from './safetensors-header.ts';

/** Bytes a write: hashing so many takes less than a millisecond. */
const PIECE_BYTES = 2 ** 20;

/** Which Hugging Face's readers ask for. */
const METADATA = { format: 'pt' };

/** A tensor as a file's header has it. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: Dtype;
}

/** A tensor to be written. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row by row; Float64Array goes with F64 and with nothing else. */
  readonly values: TensorArray;
  /** In the file; BF16 is rounded to nearest even. Default: F32, or F64 for a Float64Array. */
  readonly dtype?: Dtype;
}

/** What was written. */
export interface WrittenFile {
  readonly bytes: number;
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string;
  /** SHA-256 of its data alone, without the header. */
  readonly dataSha256: string;
}

/**
 * Writes `tensors`, sorted by name, to a new file at `path` and syncs it. Fails if the file exists.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = METADATA,
): Promise<WrittenFile> {
  const sorted = tensors.map(checked).sort((a, b) => compareNames(a.name, b.name));
  return writeSafetensorsData(path, sorted, dataOf(sorted), metadata);
}

/**
 * As writeSafetensors, for data that is not in memory as a whole: `pieces` are the bytes of all
 * tensors one behind the other, cut anywhere. `tensors` must be sorted by name.
 */
export async function writeSafetensorsData(
  path: string,
  tensors: readonly TensorSpec[],
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  metadata: Readonly<Record<string, string>> = METADATA,
): Promise<WrittenFile> {
  tensors.slice(1).forEach(({ name }, place) => {
    assert(tensors[place]!.name < name, `tensor ${name} is out of order or given twice`);
  });
  const whole = createHash('sha256');
  const data = createHash('sha256');
  const header = formatHeader(tensors, metadata);
  whole.update(header);
  const handle = await open(path, 'wx');
  let bytes = header.length;
  try {
    await writeFully(handle, header);
    for await (const run of pieces) {
      for (let first = 0; first < run.length; first += PIECE_BYTES) {
        const piece = run.subarray(first, first + PIECE_BYTES);
        whole.update(piece);
        data.update(piece);
        await writeFully(handle, piece);
      }
      bytes += run.length;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  const expected = header.length + dataBytes(tensors);
  assert(bytes === expected, `${path}: ${bytes} bytes written, expected ${expected}`);
  return { bytes, sha256: whole.digest('hex'), dataSha256: data.digest('hex') };
}

function dataBytes(tensors: readonly TensorSpec[]): number {
  return tensors.reduce(
    (sum, { dtype, shape }) => sum + valueCount(shape) * bytesPerElement(dtype)!,
    0,
  );
}

/** The tensor with its type, in keeping with its values. */
function checked(tensor: NamedTensor): NamedTensor & TensorSpec {
  const { name, shape, values } = tensor;
  const wide = values instanceof Float64Array;
  const dtype = tensor.dtype ?? (wide ? 'F64' : 'F32');
  assert(wide === (dtype === 'F64'), `${name}: ${dtype} from ${values.constructor.name}`);
  const expected = valueCount(shape);
  assert(values.length === expected, `${name}: ${values.length} values for [${shape.join(', ')}]`);
  return { ...tensor, dtype };
}

/** The bytes of all tensors; BF16 is encoded a piece at a time. */
function* dataOf(tensors: readonly (NamedTensor & TensorSpec)[]): Generator<Uint8Array> {
  for (const { dtype, values } of tensors) {
    const step = dtype === 'BF16' ? PIECE_BYTES / 2 : values.length;
    for (let first = 0; first < values.length; first += step) {
      const piece = values.subarray(first, first + step);
      yield dtype === 'BF16'
        ? encode('bf16', piece as Float32Array)
        : new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
    }
  }
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += (await handle.write(bytes, written)).bytesWritten;
  }
}
