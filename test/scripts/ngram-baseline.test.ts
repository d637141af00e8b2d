/** The simple baselines against their formulas. */
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { compressedBitsPerByte, gzip } from '../../scripts/baseline/compress.ts';
import { createNgramModel } from '../../scripts/baseline/ngram.ts';
import { ngramBitsPerByte, train } from '../../scripts/ngram-baseline.ts';
import { allclose } from '../helpers/allclose.ts';

const DOCUMENTS = ['abracadabra', 'habari', 'é abra'];

test('probabilities over the bytes sum to one in every context, known and unknown', (t) => {
  for (const order of [1, 2, 3, 5]) {
    const model = train(order, DOCUMENTS);
    for (const context of ['', 'a', 'ab', 'abra', 'zz', 'é', 'x', 'cada']) {
      const document = Buffer.from(context);
      let sum = 0;
      for (let byte = 0; byte < 256; byte++) {
        const p = model.probability(byte, document, document.length);
        t.true(p > 0);
        sum += p;
      }
      allclose([sum], [1], { rtol: 1e-12, atol: 0 });
    }
  }
});

test('a bigram model is the formula worked out by hand', (t) => {
  const model = createNgramModel(2);
  model.add(Buffer.from('aab'));
  // Empty context: a twice, b once, 2 kinds of 3 bytes. After a: a once, b once.
  const a1 = (2 + 2 / 256) / 5;
  const b1 = (1 + 2 / 256) / 5;
  const after = Buffer.from('a');
  const [a, b] = ['a', 'b'].map((byte) => model.probability(byte.charCodeAt(0), after, 1));
  allclose([a!, b!], [(1 + 2 * a1) / 4, (1 + 2 * b1) / 4], { rtol: 1e-15, atol: 0 });
  const atStart = model.probability(97, after, 0);
  allclose([atStart], [(1 + a1) / 2], { rtol: 1e-15, atol: 0 });
  t.pass();
});

test('bits per byte are those of the product of the probabilities', async (t) => {
  const model = train(3, DOCUMENTS);
  const texts = ['cadab', 'ré'];
  let bits = 0;
  for (const document of texts.map((text) => Buffer.from(text))) {
    for (const [i, byte] of document.entries())
      bits -= Math.log2(model.probability(byte, document, i));
  }
  allclose([await ngramBitsPerByte(model, texts)], [bits / 8], { rtol: 1e-6, atol: 0 });
  t.pass();
});

test('a compressor is charged for what its output grows by', (t) => {
  const seen = ['the same words over and over'];
  const text = ['the same words over and over', 'and others'];
  const bits = compressedBitsPerByte(gzip, seen, text);
  const size = (lines: string[]) =>
    gzipSync(Buffer.from(lines.map((line) => `${line}\n`).join('')), { level: 9 }).length;
  t.is(bits, (8 * (size([...seen, ...text]) - size(seen))) / 38);
});
