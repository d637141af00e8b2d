/** The element types of safetensors files: how wide each is, and which of them are read here. */

/** Types that are read and written; a tensor of another type is refused by its name. */
export type Dtype = 'F64' | 'F32' | 'BF16';

/** An array for each type that is read; BF16 is widened, so it arrives as f32. */
export type TensorArray = Float32Array | Float64Array;

/** Bytes of one element of every type that the format knows in whole bytes. */
const BYTES_PER_ELEMENT: ReadonlyMap<string, number> = new Map([
  ['F64', 8],
  ['I64', 8],
  ['U64', 8],
  ['C64', 8],
  ['F32', 4],
  ['I32', 4],
  ['U32', 4],
  ['F16', 2],
  ['BF16', 2],
  ['I16', 2],
  ['U16', 2],
  ['I8', 1],
  ['U8', 1],
  ['BOOL', 1],
  ['F8_E5M2', 1],
  ['F8_E4M3', 1],
  ['F8_E8M0', 1],
]);

/** Bytes of one element, or undefined for a type that the format does not know. */
export function bytesPerElement(dtype: string): number | undefined {
  return BYTES_PER_ELEMENT.get(dtype);
}

/** Whether elements of this type are read. */
export function isReadable(dtype: string): dtype is Dtype {
  return dtype === 'F64' || dtype === 'F32' || dtype === 'BF16';
}

/** The type's element in memory. */
export function createArray(dtype: Dtype, length: number): TensorArray {
  return dtype === 'F64' ? new Float64Array(length) : new Float32Array(length);
}
