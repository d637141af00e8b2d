/**
 * The header of a safetensors file: eight bytes that give its length, then JSON, then the data.
 * Checked in full before any data is read, because the file may come from anywhere.
 * Source: https://github.com/huggingface/safetensors, "Format".
 */
import { z } from 'zod';
import { assert } from '../../protocol/assert.ts';
import { compareNames, valueCount } from '../../protocol/buckets.ts';
import { bytesPerElement, type Dtype } from './dtypes.ts';
import { SafetensorsError } from './errors.ts';
import { findDoubledKey } from './json-keys.ts';

/** Bytes before the JSON: its length, 64 bits, little-endian. */
export const LENGTH_BYTES = 8;

/** As in Hugging Face's own reader: more is no header. */
const HEADER_BYTES_MAX = 100_000_000;

/** The data begins at a multiple of this, so that a reader may map it into memory. */
const ALIGNMENT_BYTES = 8;

const METADATA_KEY = '__metadata__';

const size = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(size),
  data_offsets: z.tuple([size, size]),
});
const metadataSchema = z.record(z.string(), z.string());

/** One tensor of a file. */
export interface TensorEntry {
  readonly name: string;
  /** As the file spells it, for example F32; known to the format, not always to us. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Where its bytes lie, counted from the begin of the data. */
  readonly start: number;
  readonly end: number;
}

/** What a file says of itself. */
export interface Header {
  /** Where the data begins, in bytes from the begin of the file. */
  readonly dataStart: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** By name, in the order of their data. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}

/** The length of the JSON from the file's first eight bytes; a SafetensorsError if it can't be. */
export function parseHeaderLength(path: string, prefix: Uint8Array, fileBytes: number): number {
  if (fileBytes < LENGTH_BYTES || prefix.length < LENGTH_BYTES) {
    throw new SafetensorsError(path, undefined, `${fileBytes} bytes, too short for a header.`);
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, LENGTH_BYTES);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(HEADER_BYTES_MAX)) {
    const problem = `its header claims ${length} bytes, at most ${HEADER_BYTES_MAX} are allowed.`;
    throw new SafetensorsError(path, undefined, `${problem} It is no safetensors file.`);
  }
  const needed = LENGTH_BYTES + Number(length);
  if (needed > fileBytes) {
    const problem = `truncated: ${fileBytes} bytes, the header alone takes ${needed}.`;
    throw new SafetensorsError(path, undefined, `${problem} Fetch the file again.`);
  }
  return Number(length);
}

/**
 * The header from its JSON. The tensors must cover the data exactly, without gap or overlap. Throws
 * a SafetensorsError that names the tensor.
 */
export function parseHeader(path: string, json: Uint8Array, fileBytes: number): Header {
  const raw = parseJson(path, json);
  const { [METADATA_KEY]: rawMetadata = {}, ...rest } = raw;
  const metadata = metadataSchema.safeParse(rawMetadata);
  if (!metadata.success) {
    throw new SafetensorsError(path, undefined, `${METADATA_KEY} is not a map of strings.`);
  }
  const entries = Object.entries(rest).map(([name, entry]) => parseEntry(path, name, entry));
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  const dataStart = LENGTH_BYTES + json.length;
  assertCover(path, entries, fileBytes - dataStart);
  const tensors = new Map(entries.map((entry) => [entry.name, entry]));
  return { dataStart, metadata: metadata.data, tensors };
}

function parseJson(path: string, json: Uint8Array): Record<string, unknown> {
  let raw: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(json);
    raw = JSON.parse(text);
  } catch (cause) {
    const problem = 'its header is not JSON. It is damaged, or no safetensors file.';
    throw new SafetensorsError(path, undefined, problem, { cause });
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new SafetensorsError(path, undefined, 'its header is not a JSON object.');
  }
  const doubled = findDoubledKey(text);
  if (doubled !== undefined) {
    throw new SafetensorsError(path, doubled, 'named twice in the header.');
  }
  return raw as Record<string, unknown>;
}

function parseEntry(path: string, name: string, raw: unknown): TensorEntry {
  const parsed = entrySchema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const key = issue?.path.join('.') || 'its entry';
    throw new SafetensorsError(path, name, `${key}: ${issue?.message}`);
  }
  const { dtype, shape, data_offsets: offsets } = parsed.data;
  const [start, end] = offsets;
  const width = bytesPerElement(dtype);
  if (width === undefined) {
    throw new SafetensorsError(path, name, `dtype ${dtype} is not one that the format knows.`);
  }
  const bytes = valueCount(shape) * width;
  if (end - start !== bytes) {
    const problem = `${end - start} bytes (${start} to ${end}), expected ${bytes}`;
    throw new SafetensorsError(path, name, `${problem} for ${dtype} [${shape.join(', ')}].`);
  }
  return { name, dtype, shape, start, end };
}

/** The tensors lie one behind the other and fill the data to its last byte. */
function assertCover(path: string, entries: readonly TensorEntry[], dataBytes: number): void {
  let covered = 0;
  for (const { name, start, end } of entries) {
    if (end > dataBytes) {
      const problem = `its data ends at byte ${end}, but the file holds only ${dataBytes} of data.`;
      throw new SafetensorsError(path, name, `${problem} It is truncated: fetch it again.`);
    }
    if (start !== covered) {
      const how = start < covered ? 'overlaps the tensor before it' : 'leaves a gap before it';
      const problem = `its data begins at byte ${start}, expected ${covered}: it ${how}.`;
      throw new SafetensorsError(path, name, problem);
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    const problem = `${dataBytes} bytes of data, but the tensors take ${covered}.`;
    throw new SafetensorsError(path, undefined, problem);
  }
}

/**
 * The first bytes of a file with these tensors in this order: the same bytes for the same input.
 */
export function formatHeader(
  tensors: readonly { name: string; dtype: Dtype; shape: readonly number[] }[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const keys = Object.keys(metadata).sort(compareNames);
  const entries: [string, unknown][] = [
    [METADATA_KEY, Object.fromEntries(keys.map((key) => [key, metadata[key]]))],
  ];
  let offset = 0;
  for (const { name, dtype, shape } of tensors) {
    assert(name !== METADATA_KEY, `a tensor can't be called ${METADATA_KEY}`);
    const end = offset + valueCount(shape) * bytesPerElement(dtype)!;
    entries.push([name, { dtype, shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  // By hand, because an object would put names that look like numbers first.
  const members = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  const text = Buffer.from(`{${members.join(',')}}`);
  const padding = (ALIGNMENT_BYTES - (text.length % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES;
  const header = Buffer.alloc(LENGTH_BYTES + text.length + padding, ' ');
  header.writeBigUInt64LE(BigInt(text.length + padding));
  text.copy(header, LENGTH_BYTES);
  return header;
}
