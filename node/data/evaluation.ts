/**
 * Bits per byte of documents under a model that the caller runs. Each document stands alone: BOS
 * first, then windows of `sequenceLength` predictions that do not overlap. Every token but BOS is
 * scored; EOS is neither seen nor scored. A later window begins with the token before its first
 * prediction and knows nothing older.
 */
import { assert } from '../../protocol/assert.ts';
import {
  type BatchShape,
  emptyBatch,
  fillRow,
  NOT_SCORED,
  type TextTokenizer,
  type UnitBatch,
} from './types.ts';

/** −ln p of every place of the batch: [sequences · sequenceLength]; unscored places are ignored. */
export type Score = (batch: UnitBatch) => Promise<Float32Array>;

export interface Evaluation {
  readonly documents: number;
  /** Scored tokens. */
  readonly tokens: number;
  /** UTF-8 bytes of the documents, without line ends. */
  readonly bytes: number;
  /** Σ −ln p over the scored tokens: float64, in document order. */
  readonly lossSum: number;
  /** In nats a token. */
  readonly lossPerToken: number;
  readonly bitsPerByte: number;
}

/**
 * The documents' windows in order, as batches that all have the given shape; what is left over in
 * the last batch scores nothing.
 */
export function* windows(
  documents: readonly string[],
  tokenizer: TextTokenizer,
  shape: BatchShape,
): Generator<UnitBatch> {
  let batch = emptyBatch(shape, tokenizer.eosId);
  let row = 0;
  for (const document of documents) {
    const stream = [tokenizer.bosId, ...tokenizer.encode(document)];
    for (let start = 0; start < stream.length - 1; start += shape.sequenceLength) {
      fillRow(batch, row, stream, start);
      row++;
      if (row < shape.sequences) continue;
      yield batch;
      batch = emptyBatch(shape, tokenizer.eosId);
      row = 0;
    }
  }
  if (row > 0) yield batch;
}

/** Scores all windows, one batch after another, and adds up. At least one document. */
export async function evaluate(
  score: Score,
  documents: readonly string[],
  tokenizer: TextTokenizer,
  shape: BatchShape,
): Promise<Evaluation> {
  assert(documents.length > 0, 'no documents to evaluate on');
  let lossSum = 0;
  let tokens = 0;
  for (const batch of windows(documents, tokenizer, shape)) {
    const losses = await score(batch);
    const places = batch.targets.length;
    assert(losses.length === places, `${losses.length} losses, expected ${places}`);
    for (let i = 0; i < places; i++) {
      if (batch.targets[i] === NOT_SCORED) continue;
      lossSum += losses[i]!;
      tokens++;
    }
  }
  const bytes = documents.reduce((sum, document) => sum + Buffer.byteLength(document), 0);
  return {
    documents: documents.length,
    tokens,
    bytes,
    lossSum,
    lossPerToken: lossSum / tokens,
    bitsPerByte: bitsPerByte(lossSum, bytes),
  };
}

/** From a sum of −ln p to bits a byte. */
export function bitsPerByte(lossSum: number, bytes: number): number {
  return lossSum / Math.LN2 / bytes;
}
