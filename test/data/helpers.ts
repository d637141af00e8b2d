/** A byte tokenizer without files, for the tests of data. */
import type { TextTokenizer } from '../../node/data/index.ts';

/** Ids equal bytes; BOS is 256, EOS 257. */
export const BYTES: TextTokenizer = {
  encode: (text) => [...Buffer.from(text)],
  bosId: 256,
  eosId: 257,
};
