/** Bits per byte against their definition, worked out with a toy model. */
import test from 'ava';
import { evaluate, NOT_SCORED, type Score, windows } from '../../node/data/index.ts';
import { createStream } from '../../protocol/random.ts';
import { BYTES } from './helpers.ts';

const DOCUMENTS = ['habari ya asubuhi', 'é', 'günaydın arkadaşlar, nasılsınız?', 'ሰላም', 'abcdefgh'];

/** −ln p of a target after up to two tokens of the same window: a toy model with a memory. */
function loss(window: readonly number[], place: number, target: number): number {
  const labels = [window[place - 1] ?? -1, window[place]!, target];
  return Math.fround(5 * createStream('loss', ...labels).nextFloat());
}

const score: Score = async ({ tokens, targets, sequenceLength }) =>
  Float32Array.from(targets, (target, i) => {
    if (target === NOT_SCORED) return 1e6; // must not be looked at
    const start = i - (i % sequenceLength);
    return loss([...tokens.subarray(start, start + sequenceLength)], i - start, target);
  });

/** The definition, written out: each document alone, BOS first, windows that do not overlap. */
function naive(sequenceLength: number) {
  let sum = 0;
  let tokens = 0;
  let bytes = 0;
  for (const document of DOCUMENTS) {
    const ids = [...Buffer.from(document)];
    bytes += ids.length;
    for (const [i, target] of ids.entries()) {
      const start = Math.floor(i / sequenceLength) * sequenceLength;
      const window = [256, ...ids].slice(start, start + sequenceLength);
      sum += loss(window, i - start, target);
      tokens++;
    }
  }
  return { sum, tokens, bytes };
}

for (const sequenceLength of [1, 4, 8, 9, 64]) {
  for (const sequences of [1, 3]) {
    test(`evaluation equals the definition: ${sequences} rows of ${sequenceLength}`, async (t) => {
      const expected = naive(sequenceLength);
      const result = await evaluate(score, DOCUMENTS, BYTES, { sequences, sequenceLength });
      t.deepEqual(result, {
        documents: 5,
        tokens: expected.tokens,
        bytes: expected.bytes,
        lossSum: expected.sum,
        lossPerToken: expected.sum / expected.tokens,
        bitsPerByte: expected.sum / Math.LN2 / expected.bytes,
      });
    });
  }
}

test('every batch has the shape asked for, and none is empty', (t) => {
  const shape = { sequences: 3, sequenceLength: 8 };
  const batches = [...windows(DOCUMENTS, BYTES, shape)];
  for (const batch of batches) {
    t.is(batch.tokens.length, 24);
    t.is(batch.targets.length, 24);
    t.true(batch.targets.some((target) => target !== NOT_SCORED));
    t.true(batch.tokens.every((token) => token >= 0 && token <= 257));
  }
  const targets = batches.flatMap((batch) => [...batch.targets]);
  t.deepEqual(
    targets.filter((target) => target !== NOT_SCORED),
    DOCUMENTS.flatMap((document) => [...Buffer.from(document)]),
  );
});

test('eight bits a byte is what knowing nothing costs', async (t) => {
  const uniform: Score = async ({ targets }) =>
    new Float32Array(targets.length).fill(Math.log(256));
  const { bitsPerByte } = await evaluate(uniform, DOCUMENTS, BYTES, {
    sequences: 2,
    sequenceLength: 8,
  });
  t.true(Math.abs(bitsPerByte - 8) < 1e-6);
});
