/**
 * What a general compressor needs for a text once it has seen another: the growth of the output.
 */
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export type Compressor = (bytes: Buffer) => Buffer;

/** gzip at its best; it looks back 32 KiB. */
export const gzip: Compressor = (bytes) => gzipSync(bytes, { level: 9 });

/** Brotli at its best; it brings a dictionary of its own, mostly of English and web pages. */
export const brotli: Compressor = (bytes) =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });

/**
 * 8 · (size of seen + text − size of seen) / the text's bytes, line ends counted in the former
 * only.
 */
export function compressedBitsPerByte(
  compress: Compressor,
  seen: readonly string[],
  text: readonly string[],
): number {
  const lines = (documents: readonly string[]) => documents.map((line) => `${line}\n`).join('');
  const before = compress(Buffer.from(lines(seen))).length;
  const after = compress(Buffer.from(lines(seen) + lines(text))).length;
  const bytes = text.reduce((sum, document) => sum + Buffer.byteLength(document), 0);
  return (8 * (after - before)) / bytes;
}
