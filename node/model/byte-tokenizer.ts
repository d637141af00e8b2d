/**
 * A tokenizer whose ids are the bytes of the text in UTF-8, as Hugging Face files: a byte-level BPE
 * without any merge. Serves every language and script alike, and needs no training.
 */

/**
 * Special tokens follow the bytes. Their names are improbable, because text that holds such a name
 * literally is read as the special token.
 */
const SPECIAL_TOKENS = ['begin', 'end', 'pad', 'reserved'].map((word) => `<|isogloss-${word}|>`);

const BYTES = 256;

export const BYTE_BOS_ID = BYTES;
export const BYTE_EOS_ID = BYTES + 1;
export const BYTE_PAD_ID = BYTES + 2;
export const BYTE_VOCABULARY_SIZE = BYTES + SPECIAL_TOKENS.length;

/** tokenizer.json and tokenizer_config.json. The same files always. */
export function byteTokenizerFiles(): Record<string, string> {
  const [begin, end, pad] = SPECIAL_TOKENS as [string, string, string];
  const config = {
    bos_token: begin,
    clean_up_tokenization_spaces: false,
    eos_token: end,
    pad_token: pad,
    tokenizer_class: 'PreTrainedTokenizerFast',
  };
  return {
    'tokenizer.json': `${JSON.stringify(tokenizerJson(), null, 1)}\n`,
    'tokenizer_config.json': `${JSON.stringify(config, null, 2)}\n`,
  };
}

function tokenizerJson() {
  const [begin] = SPECIAL_TOKENS as [string];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL_TOKENS.map((content, index) => ({
      id: BYTES + index,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    // Without the regular expression a text is one piece, and no rule of any language cuts it.
    pre_tokenizer: {
      type: 'ByteLevel',
      add_prefix_space: false,
      trim_offsets: false,
      use_regex: false,
    },
    // What others add when they ask for special tokens: the model saw each document begin so.
    post_processor: {
      type: 'TemplateProcessing',
      single: [special(begin), { Sequence: { id: 'A', type_id: 0 } }],
      pair: [
        special(begin),
        { Sequence: { id: 'A', type_id: 0 } },
        { Sequence: { id: 'B', type_id: 0 } },
      ],
      special_tokens: { [begin]: { id: begin, ids: [BYTE_BOS_ID], tokens: [begin] } },
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(byteCharacters().map((character, byte) => [character, byte])),
      merges: [],
    },
  };
}

function special(token: string) {
  return { SpecialToken: { id: token, type_id: 0 } };
}

/** The character that stands for each byte in byte-level vocabularies, as in GPT-2's encoder. */
function byteCharacters(): string[] {
  const printable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let others = 0;
  return Array.from({ length: BYTES }, (_, byte) =>
    String.fromCodePoint(printable(byte) ? byte : BYTES + others++),
  );
}
