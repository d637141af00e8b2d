/**
 * A language's training text as work units: a pure function of the text, the tokenizer, the seed,
 * the language's id and the shape of the run. Another language, another node or another order of
 * asking changes nothing.
 *
 * The text is one stream: BOS, document, EOS, BOS, next document, EOS … Sequence j of the
 * stream's ⌈(T − 1) / L⌉ sequences covers the L predictions j·L … j·L + L − 1, where prediction i
 * sees token i and is scored on token i + 1. So every token but the first is predicted once a
 * pass; the last sequence is short and the rest of its row scores nothing. Documents see each
 * other within a sequence.
 */
import { assert, defined } from '../../protocol/assert.ts';
import { createStream } from '../../protocol/random.ts';
import {
  type BatchShape,
  emptyBatch,
  fillRow,
  type TextTokenizer,
  type UnitBatch,
} from './types.ts';

export interface CorpusOptions {
  readonly language: string;
  readonly documents: readonly string[];
  readonly tokenizer: TextTokenizer;
  /** The run's seed. */
  readonly seed: number;
  /** Predictions a sequence. */
  readonly sequenceLength: number;
  /** Sequences a work unit. */
  readonly unitSequences: number;
  /** Work units of this language a step. */
  readonly unitsPerStep: number;
}

/** A language's work units. */
export interface Corpus {
  readonly language: string;
  /** Tokens of the stream, BOS and EOS included. */
  readonly tokens: number;
  /** The tokens that occur in it, each once, ascending. */
  readonly vocabulary: Int32Array;
  /** Predictions of one pass: all tokens but the first. */
  readonly trainableTokens: number;
  /** Sequences of one pass. */
  readonly sequences: number;
  /** The batch of unit `unitIndex` (0 … unitsPerStep − 1) of step `step` (from 0); new memory. */
  unit(step: number, unitIndex: number): UnitBatch;
  /** How often the text has been passed over after `steps` steps; a fraction within a pass. */
  passesAt(steps: number): number;
}

/** Opens a language's text for training; tokenises it once, here. */
export function openCorpus(options: CorpusOptions): Corpus {
  const { language, seed, sequenceLength, unitSequences, unitsPerStep, tokenizer } = options;
  assert(options.documents.length > 0, `${language} has no documents`);
  for (const count of [sequenceLength, unitSequences, unitsPerStep]) {
    assert(Number.isInteger(count) && count > 0, `${language}: ${count} is no count`);
  }
  const stream = tokenStream(options.documents, tokenizer);
  const sequences = Math.ceil((stream.length - 1) / sequenceLength);
  const order = passOrder(seed, language, sequences);
  const shape: BatchShape = { sequences: unitSequences, sequenceLength };
  return {
    language,
    tokens: stream.length,
    vocabulary: Int32Array.from(new Set(stream)).sort(),
    trainableTokens: stream.length - 1,
    sequences,
    unit(step, unitIndex) {
      assert(Number.isInteger(step) && step >= 0, `step ${step}`);
      assert(unitIndex >= 0 && unitIndex < unitsPerStep, `unit ${unitIndex} of ${unitsPerStep}`);
      const first = (step * unitsPerStep + unitIndex) * unitSequences;
      const batch = emptyBatch(shape, tokenizer.eosId);
      for (let row = 0; row < unitSequences; row++) {
        const pass = Math.floor((first + row) / sequences);
        const sequence = defined(order(pass)[(first + row) % sequences], 'sequence');
        fillRow(batch, row, stream, sequence * sequenceLength);
      }
      return batch;
    },
    passesAt: (steps) => (steps * unitsPerStep * unitSequences) / sequences,
  };
}

/** BOS, document, EOS of every document, in order. */
function tokenStream(documents: readonly string[], tokenizer: TextTokenizer): Int32Array {
  const encoded = documents.map((document) => tokenizer.encode(document));
  const length = encoded.reduce((sum, tokens) => sum + tokens.length + 2, 0);
  const stream = new Int32Array(length);
  let at = 0;
  for (const tokens of encoded) {
    stream[at] = tokenizer.bosId;
    stream.set(tokens, at + 1);
    stream[at + 1 + tokens.length] = tokenizer.eosId;
    at += tokens.length + 2;
  }
  return stream;
}

/** The order of the sequences in each pass; the two passes last asked for are kept. */
function passOrder(seed: number, language: string, sequences: number) {
  const kept = new Map<number, Uint32Array>();
  return (pass: number): Uint32Array => {
    const known = kept.get(pass);
    if (known) return known;
    const order = Uint32Array.from({ length: sequences }, (_, i) => i);
    const stream = createStream('data', seed, language, pass);
    for (let i = sequences - 1; i > 0; i--) {
      const j = stream.nextBelow(i + 1);
      const other = order[j]!;
      order[j] = order[i]!;
      order[i] = other;
    }
    const oldest = kept.keys().next();
    if (kept.size >= 2 && !oldest.done) kept.delete(oldest.value);
    kept.set(pass, order);
    return order;
  };
}
