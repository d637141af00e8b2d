/** A model's tokenizer, from the files of its Hugging Face folder. Adds no special tokens. */
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { ModelFileError } from './errors.ts';

/** Text to token ids and back. */
export interface Tokenizer {
  /** The tokens of the text alone: nothing is put before or behind. */
  encode(text: string): number[];
  /** Text of the tokens; special ones are spelled out. */
  decode(ids: readonly number[]): string;
  /** Begins a document. */
  readonly bosId: number;
  /** Ends a document. */
  readonly eosId: number;
  /** One more than the largest id. */
  readonly vocabularySize: number;
}

/** What a tokenizer is made of; `path` is named in errors. */
export interface TokenizerSource {
  readonly path: string;
  /** Contents of tokenizer.json and tokenizer_config.json, parsed. */
  readonly tokenizerJson: unknown;
  readonly tokenizerConfigJson: unknown;
  readonly bosId: number;
  readonly eosId: number;
}

/** Throws a ModelFileError where the files are not a tokenizer that is known. */
export function createTokenizer(source: TokenizerSource): Tokenizer {
  const { path, bosId, eosId } = source;
  const inner = open(source);
  let vocabularySize = 0;
  for (const id of inner.get_vocab(true).values())
    vocabularySize = Math.max(vocabularySize, id + 1);
  return {
    bosId,
    eosId,
    vocabularySize,
    encode(text) {
      const ids: number[] = inner.encode(text, { add_special_tokens: false }).ids;
      if (ids.some((id) => !Number.isInteger(id))) {
        const shown = JSON.stringify(text.slice(0, 40));
        throw new ModelFileError(path, `has no token for a part of the text that begins ${shown}.`);
      }
      return ids;
    },
    decode: (ids) => (ids.length === 0 ? '' : inner.decode([...ids])),
  };
}

function open({ path, tokenizerJson, tokenizerConfigJson }: TokenizerSource): HuggingFaceTokenizer {
  try {
    return new HuggingFaceTokenizer(tokenizerJson as object, tokenizerConfigJson as object);
  } catch (cause) {
    const problem = `is not a tokenizer that can be used: ${(cause as Error).message}`;
    throw new ModelFileError(path, problem, { cause });
  }
}
