/** What the data part asks of a tokenizer, and the batches that it makes for the compute part. */

/** The tokenizer as this part needs it. `encode` adds no special tokens. */
export interface TextTokenizer {
  encode(text: string): readonly number[];
  readonly bosId: number;
  readonly eosId: number;
}

/** Rows of tokens with what follows each; what one work unit computes on. */
export interface UnitBatch {
  /** [sequences · sequenceLength], row by row. */
  readonly tokens: Int32Array;
  /** [sequences · sequenceLength]: the token to be predicted, or NOT_SCORED. */
  readonly targets: Int32Array;
  readonly sequences: number;
  readonly sequenceLength: number;
}

/** The target of a place that no loss is taken at. */
export const NOT_SCORED = -1;

/** The shape of a batch. */
export interface BatchShape {
  readonly sequences: number;
  /** Predictions a row. */
  readonly sequenceLength: number;
}

/** A batch of rows that score nothing yet; their tokens are `padding`. */
export function emptyBatch(shape: BatchShape, padding: number): UnitBatch {
  const { sequences, sequenceLength } = shape;
  return {
    tokens: new Int32Array(sequences * sequenceLength).fill(padding),
    targets: new Int32Array(sequences * sequenceLength).fill(NOT_SCORED),
    sequences,
    sequenceLength,
  };
}

/**
 * Fills row `row` with the predictions `start` … of `stream`: at place i it sees stream[start +
 * i] and predicts stream[start + i + 1]. Where the stream ends the row stays empty.
 */
export function fillRow(
  batch: UnitBatch,
  row: number,
  stream: ArrayLike<number>,
  start: number,
): void {
  const length = Math.min(batch.sequenceLength, stream.length - 1 - start);
  const first = row * batch.sequenceLength;
  for (let i = 0; i < length; i++) {
    batch.tokens[first + i] = stream[start + i]!;
    batch.targets[first + i] = stream[start + i + 1]!;
  }
}
