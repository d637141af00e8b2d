/** The name of a model's numbers: independent of files, their number and their headers. */
import { encode } from '../../protocol/codecs.ts';
import { type Hash, hashOf } from '../../protocol/hashes.ts';

/**
 * SHA-256 over all parameters as little-endian f32, in their order; what the data area of one
 * sorted f32 model.safetensors hashes to. The values may come in any number of pieces.
 */
export function paramsHashOf(pieces: readonly Float32Array[]): Hash {
  return hashOf(...pieces.map((piece) => encode('f32', piece)));
}
