/** What the decoder must know of a Llama-family model's config.json: plain, checked values. */

/** Sizes are counts of values; names follow Hugging Face's keys in camelCase. */
export interface LlamaConfig {
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  /** Width of the gated feed-forward part. */
  readonly intermediateSize: number;
  readonly layers: number;
  /** Query heads. */
  readonly heads: number;
  /** Heads of keys and values, a divisor of `heads`; equal to it where nothing is grouped. */
  readonly keyValueHeads: number;
  /** Width of one head, even; `heads * headDim` need not be `hiddenSize`. */
  readonly headDim: number;
  readonly ropeTheta: number;
  readonly rmsNormEps: number;
  /** Longest sequence that the model was made for, in tokens. */
  readonly maxPositionEmbeddings: number;
  /** True where the output head is the input embedding's table. */
  readonly tieWordEmbeddings: boolean;
}
