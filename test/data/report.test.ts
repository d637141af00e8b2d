/** The data report: what is counted, and how it is told. */
import test from 'ava';
import {
  dataReport,
  formatDataReport,
  hashDocuments,
  type LanguageText,
  openCorpus,
} from '../../node/data/index.ts';
import { BYTES } from './helpers.ts';

function textOf(documents: string[], empty = 0): LanguageText {
  const bytes = documents.reduce((sum, document) => sum + Buffer.byteLength(document), 0);
  return { documents, bytes, empty, files: [], hash: hashDocuments(documents) };
}

function seen(id: string, documents: string[], unitsPerStep: number, empty = 0) {
  const train = textOf(documents, empty);
  const corpus = openCorpus({
    language: id,
    documents,
    tokenizer: BYTES,
    seed: 1,
    sequenceLength: 10,
    unitSequences: 1,
    unitsPerStep,
  });
  return { id, role: 'seen' as const, train, corpus, evaluation: textOf(['abc']) };
}

const LANGUAGES = [
  seen('swh_Latn', ['a'.repeat(19), 'b'.repeat(18)], 1, 2),
  seen('rus_Cyrl', ['я'.repeat(9), 'я'.repeat(9)], 3),
  { id: 'zul_Latn', role: 'unseen' as const, evaluation: textOf(['abé']) },
];

test('the report counts what the run is going to see', (t) => {
  const rows = dataReport(LANGUAGES, BYTES, 20);
  t.deepEqual(rows[0], {
    language: 'swh_Latn',
    role: 'seen',
    documents: 2,
    bytes: 37,
    tokens: 41,
    trainableTokens: 40,
    bytesPerToken: 1,
    duplicates: 0,
    empty: 2,
    share: 200 / (200 + 585),
    passes: 5,
    evaluation: { documents: 1, bytes: 3, tokens: 3 },
  });
  t.like(rows[1], { tokens: 40, duplicates: 1, passes: 15, share: 585 / 785 });
  t.like(rows[2], { role: 'unseen', documents: 0, share: 0, passes: 0, bytesPerToken: 1 });
});

test('the report is told as a table, a line a language', (t) => {
  t.deepEqual(formatDataReport(dataReport(LANGUAGES, BYTES, 20)), [
    'language  role    documents  tokens  bytes/token   share  passes',
    'swh_Latn  seen            2      41         1.00  25.5 %    5.00  (2 empty)',
    'rus_Cyrl  seen            2      40         1.00  74.5 %   15.00  (1 duplicate)',
    'zul_Latn  unseen          1       4         1.00       –       –',
  ]);
});
