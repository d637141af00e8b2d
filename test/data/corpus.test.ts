/** Training units: the same for the same options, every token predicted once a pass. */
import test from 'ava';
import { type Corpus, type CorpusOptions, NOT_SCORED, openCorpus } from '../../node/data/index.ts';
import { BYTES } from './helpers.ts';

const DOCUMENTS = Array.from({ length: 9 }, (_, i) => `${'abcdefghi'[i]}`.repeat(5 + 7 * i));

const open = (options: Partial<CorpusOptions> = {}): Corpus =>
  openCorpus({
    language: 'swh_Latn',
    documents: DOCUMENTS,
    tokenizer: BYTES,
    seed: 1,
    sequenceLength: 16,
    unitSequences: 2,
    unitsPerStep: 3,
    ...options,
  });

/** The stream as the definition has it. */
const STREAM = DOCUMENTS.flatMap((document) => [256, ...Buffer.from(document), 257]);

/** Rows of all units from step 0 on, as [tokens, targets] of the scored places. */
function* rows(corpus: Corpus, unitsPerStep = 3) {
  for (let step = 0; ; step++) {
    for (let unit = 0; unit < unitsPerStep; unit++) {
      const { tokens, targets, sequences, sequenceLength } = corpus.unit(step, unit);
      for (let row = 0; row < sequences; row++) {
        const places = Array.from({ length: sequenceLength }, (_, i) => row * sequenceLength + i);
        const scored = places.filter((place) => targets[place] !== NOT_SCORED);
        yield {
          tokens: scored.map((place) => tokens[place]!),
          targets: scored.map((place) => targets[place]!),
        };
      }
    }
  }
}

test('the same options give the same units, in any order of asking', (t) => {
  const corpus = open();
  const other = open();
  const asked = [
    [5, 2],
    [0, 0],
    [700, 1],
    [5, 2],
    [1, 1],
  ] as const;
  const expected = new Map(
    asked.map(([step, unit]) => [`${step} ${unit}`, corpus.unit(step, unit)]),
  );
  for (const [step, unit] of [...asked].reverse()) {
    t.deepEqual(other.unit(step, unit), expected.get(`${step} ${unit}`));
  }
});

test('another language, also one with the same text, changes nothing', (t) => {
  const alone = open();
  const beside = open();
  const other = open({ language: 'tur_Latn', unitsPerStep: 1 });
  for (let step = 0; step < 8; step++) {
    other.unit(step, 0);
    for (let unit = 0; unit < 3; unit++)
      t.deepEqual(beside.unit(step, unit), alone.unit(step, unit));
  }
});

test('the caller owns a unit: what it writes changes no other', (t) => {
  const corpus = open();
  const before = corpus.unit(0, 0);
  const written = corpus.unit(0, 0);
  written.tokens.fill(0);
  t.deepEqual(corpus.unit(0, 0), before);
});

test('every sequence comes once a pass: every token but the first is predicted once', (t) => {
  const corpus = open();
  t.is(corpus.tokens, STREAM.length);
  t.is(corpus.trainableTokens, STREAM.length - 1);
  t.is(corpus.sequences, Math.ceil((STREAM.length - 1) / 16));
  const expected = Array.from({ length: corpus.sequences }, (_, j) => ({
    tokens: STREAM.slice(0, -1).slice(16 * j, 16 * j + 16),
    targets: STREAM.slice(1).slice(16 * j, 16 * j + 16),
  }));
  const sorted = (list: unknown[]) => list.map((item) => JSON.stringify(item)).sort();
  const source = rows(corpus);
  const orders = [];
  for (let pass = 0; pass < 4; pass++) {
    const seen = Array.from({ length: corpus.sequences }, () => source.next().value);
    t.deepEqual(sorted(seen), sorted(expected));
    orders.push(JSON.stringify(seen));
  }
  t.is(new Set(orders).size, 4, 'passes differ in order');
});

test('another seed or language gives another order; other units per step only another cut', (t) => {
  const first = (corpus: Corpus, unitsPerStep = 3) => {
    const source = rows(corpus, unitsPerStep);
    return Array.from({ length: 60 }, () => source.next().value);
  };
  t.notDeepEqual(first(open({ seed: 2 })), first(open()));
  t.notDeepEqual(first(open({ language: 'tur_Latn' })), first(open()));
  t.deepEqual(first(open({ unitsPerStep: 1, unitSequences: 5 }), 1), first(open()));
});

test('the first units are fixed for ever', (t) => {
  const { tokens } = open().unit(0, 0);
  t.is(Buffer.from(tokens.map((token) => (token > 255 ? 0x2e : token))).toString(), FIXED);
});

const FIXED = 'iiiiiiiiii.......aaaaa..bbbbbbbb';

test('a text shorter than a sequence fills one row in part, again and again', (t) => {
  const corpus = open({ documents: ['ab'] });
  t.is(corpus.sequences, 1);
  const { tokens, targets } = corpus.unit(4, 1);
  for (const row of [0, 16]) {
    t.deepEqual([...tokens.subarray(row, row + 4)], [256, 97, 98, 257]);
    t.deepEqual([...targets.subarray(row, row + 4)], [97, 98, 257, NOT_SCORED]);
    t.true(targets.subarray(row + 3, row + 16).every((target) => target === NOT_SCORED));
  }
});

test('passes count what the steps take of the text', (t) => {
  const corpus = open();
  t.is(corpus.passesAt(0), 0);
  t.is(corpus.passesAt(corpus.sequences), 6);
});
