/** Which buckets of an untied input embedding no token of a unit reads. */
import { type BucketLayout, valueCount } from '../../protocol/buckets.ts';
import type { LlamaConfig } from '../model/index.ts';

/**
 * True for the buckets whose slice is `absent`: wholly in rows of the embedding `layer` that are
 * not among `tokens`. A tied embedding is the head too, so that every row of it has a gradient.
 */
export function unreadBuckets(
  tokens: Int32Array,
  { parameters, buckets }: BucketLayout,
  { tieWordEmbeddings, hiddenSize, vocabularySize }: LlamaConfig,
  layer: string,
): readonly boolean[] {
  if (tieWordEmbeddings) return buckets.map(() => false);
  const isRead = new Uint8Array(vocabularySize);
  for (const token of tokens) isRead[token] = 1;
  const place = parameters.findIndex((parameter) => parameter.layer === layer);
  const offset = parameters.slice(0, place).reduce((sum, { shape }) => sum + valueCount(shape), 0);
  return buckets.map(({ start, length, layer: own }) => {
    if (own !== layer) return false;
    const first = Math.floor((start - offset) / hiddenSize);
    const end = Math.ceil((start - offset + length) / hiddenSize);
    return !isRead.subarray(first, end).includes(1);
  });
}
