/** The byte-level tokenizer: ids are bytes, in every script, and nothing likely is special. */
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import {
  BYTE_BOS_ID,
  BYTE_EOS_ID,
  BYTE_VOCABULARY_SIZE,
  byteTokenizerFiles,
  createTokenizer,
} from '../../node/model/index.ts';
import { SCRIPTS } from '../helpers/scripts.ts';

const files = byteTokenizerFiles();
const tokenizer = createTokenizer({
  path: 'tokenizer.json',
  tokenizerJson: JSON.parse(files['tokenizer.json']!),
  tokenizerConfigJson: JSON.parse(files['tokenizer_config.json']!),
  bosId: BYTE_BOS_ID,
  eosId: BYTE_EOS_ID,
});

for (const [script, text] of Object.entries(SCRIPTS)) {
  test(`${script}: ids are the text's bytes, and lead back to it`, (t) => {
    const ids = tokenizer.encode(text);
    t.deepEqual(ids, [...Buffer.from(text)]);
    t.is(tokenizer.decode(ids), text);
  });
}

testProp('any text is its bytes', [fc.string({ unit: 'binary' })], (t, text) => {
  t.deepEqual(tokenizer.encode(text), [...Buffer.from(text)]);
});

test('what other tokenizers take for special is text', (t) => {
  for (const text of ['<s>', '</s>', '<unk>', '<|endoftext|>', '[CLS]', '<0x41>']) {
    t.deepEqual(tokenizer.encode(text), [...Buffer.from(text)]);
  }
});

test('special tokens follow the bytes', (t) => {
  t.is(tokenizer.vocabularySize, BYTE_VOCABULARY_SIZE);
  t.is(BYTE_BOS_ID, 256);
  t.is(
    tokenizer.decode([BYTE_BOS_ID, 104, 105, BYTE_EOS_ID]),
    '<|isogloss-begin|>hi<|isogloss-end|>',
  );
  t.is(tokenizer.decode([]), '');
});
