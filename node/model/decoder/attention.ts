/**
 * Causal grouped-query attention, with a gradient of its own, in chunks of rows: keys that lie
 * after a chunk's last query are never touched, which saves nearly half. Plain tfjs. arXiv
 * 1706.03762, 2305.13245.
 */
import * as tf from '@tensorflow/tfjs';
import { withGradient } from './gradients.ts';

/** Added to the score of a key that lies after its query: its exponential is 0. */
const HIDDEN_SCORE = -1e9;

/** More chunks save more and make longer programs: work falls to (n + 1) / 2n. */
const CHUNKS_MAX = 8;

/** Below this a chunk's matrices are too small to be fast. */
const CHUNK_ROWS_MIN = 64;

/** Queries `start` to `end`, which see the keys from 0 to `end`. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
  /** [end − start, end] to add to scores: 0 up to the diagonal, HIDDEN_SCORE above. */
  readonly mask: tf.Tensor;
}

/** Cuts 0..positions − 1 into chunks of equal size, but for the last. */
export function causalChunks(positions: number): readonly Chunk[] {
  const size = Math.max(CHUNK_ROWS_MIN, Math.ceil(positions / CHUNKS_MAX));
  const chunks: Chunk[] = [];
  for (let start = 0; start < positions; start += size) {
    const end = Math.min(positions, start + size);
    const mask = new Float32Array((end - start) * end);
    for (let row = start; row < end; row++) {
      mask.fill(HIDDEN_SCORE, (row - start) * end + row + 1, (row - start + 1) * end);
    }
    chunks.push({ start, end, mask: tf.tensor2d(mask, [end - start, end]) });
  }
  return chunks;
}

/**
 * softmax(query · keyᵀ, keys up to the query's position) · value. query [B, H, S, headDim], already
 * divided by √headDim; key and value [B, KV, S, headDim], KV a divisor of H; chunks:
 * causalChunks(S); gives [B, H, S, headDim]. Query head h reads key head ⌊h · KV / H⌋.
 */
export function causalAttention(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  chunks: readonly Chunk[],
): tf.Tensor {
  const [batch, heads, positions, headDim] = query.shape as [number, number, number, number];
  const groups = key.shape[1]!;
  const readers = heads / groups;
  const grouped = tf.reshape(query, [batch, groups, readers, positions, headDim]);
  const output = withGradient(
    (query, key, value) => {
      const weights = chunks.map((chunk) => {
        const scores = tf.matMul(rowsOf(query!, chunk), keysOf(key!, chunk), false, true);
        return softmaxBelow(scores, chunk);
      });
      const parts = chunks.map((chunk, i) => tf.matMul(weights[i]!, keysOf(value!, chunk)));
      const joined = joinRows(parts, readers);
      return { value: joined, saved: [query!, key!, value!, joined, ...weights] };
    },
    (dy, [query, key, value, output, ...weights]) => {
      // With P = softmax(S) and y = P V, row by row: dS = P (dP − Σ dP P), and Σ dP P = Σ dy y.
      const along = tf.sum(tf.mul(dy, output!), -1, true);
      const parts = chunks.map((chunk, i) => {
        const dRows = rowsOf(dy, chunk);
        const dWeights = tf.matMul(dRows, keysOf(value!, chunk), false, true);
        const dScores = tf.mul(weights[i]!, tf.sub(dWeights, rowsOf(along, chunk)));
        return {
          query: tf.matMul(dScores, keysOf(key!, chunk)),
          key: tf.matMul(rowsOf(query!, chunk), dScores, true),
          value: tf.matMul(dRows, weights[i]!, true),
        };
      });
      return [
        joinRows(
          parts.map((part) => part.query),
          readers,
        ),
        addKeys(parts.map((part) => part.key)),
        addKeys(parts.map((part) => part.value)),
      ];
    },
  )(grouped, key, value);
  return tf.reshape(output, [batch, heads, positions, headDim]);
}

/**
 * The chunk's rows of x [B, KV, R, S, D], for all R readers of a key head: [B, KV, R · rows, D].
 */
function rowsOf(x: tf.Tensor, { start, end }: Chunk): tf.Tensor {
  const [batch, groups, readers, , width] = x.shape as [number, number, number, number, number];
  const rows = tf.slice(x, [0, 0, 0, start, 0], [batch, groups, readers, end - start, width]);
  return tf.reshape(rows, [batch, groups, readers * (end - start), width]);
}

/** The keys or values [B, KV, end, headDim] that the chunk sees. */
function keysOf(x: tf.Tensor, { end }: Chunk): tf.Tensor {
  const [batch, groups, , width] = x.shape as [number, number, number, number];
  return tf.slice(x, [0, 0, 0, 0], [batch, groups, end, width]);
}

/** Chunks [B, KV, R · rows, D] joined to [B, KV, R, S, D]. */
function joinRows(parts: readonly tf.Tensor[], readers: number): tf.Tensor {
  const standing = parts.map((part) => {
    const [batch, groups, rows, width] = part.shape as [number, number, number, number];
    return tf.reshape(part, [batch, groups, readers, rows / readers, width]);
  });
  return tf.concat(standing, 3);
}

/** softmax over the keys that each row may see; scores [B, KV, R · rows, end]. */
function softmaxBelow(scores: tf.Tensor, { start, end, mask }: Chunk): tf.Tensor {
  const [batch, groups, rows] = scores.shape as [number, number, number, number];
  const readers = rows / (end - start);
  const standing = tf.reshape(scores, [batch, groups, readers, end - start, end]);
  return tf.reshape(tf.softmax(tf.add(standing, mask)), scores.shape);
}

/**
 * Σ over chunks of gradients [B, KV, headDim, end], as [B, KV, S, headDim]. Transposed so, because
 * the product that makes them is much faster with the long side last.
 */
function addKeys(parts: readonly tf.Tensor[]): tf.Tensor {
  const positions = parts.at(-1)!.shape[3]!;
  const padded = parts.map((part) => {
    const missing = positions - part.shape[3]!;
    if (missing === 0) return part;
    return tf.pad(part, [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, missing],
    ]);
  });
  return tf.transpose(
    padded.reduce((sum, part) => tf.add(sum, part)),
    [0, 1, 3, 2],
  );
}
