/**
 * Per-language text: read and checked, cut into work units that depend on nothing but the run's
 * manifest, told in a report before step 1, and scored in bits per byte.
 *
 * ```ts
 * import { openCorpus, readText } from './node/data/index.ts';
 *
 * const text = await readText('swh_Latn.train.txt', 'examples/udhr');
 * const bytes = { encode: (line: string) => [...Buffer.from(line)], bosId: 256, eosId: 257 };
 * const corpus = openCorpus({
 *   language: 'swh_Latn', documents: text.documents, tokenizer: bytes, seed: 1,
 *   sequenceLength: 128, unitSequences: 4, unitsPerStep: 1,
 * });
 * corpus.unit(0, 0).targets.length; // 512
 * ```
 */
export type { Corpus, CorpusOptions } from './corpus.ts';
export { openCorpus } from './corpus.ts';
export { DataFileError, DataRecordError } from './errors.ts';
export type { Evaluation, Score } from './evaluation.ts';
export { bitsPerByte, evaluate, windows } from './evaluation.ts';
export type { LanguageReport, LanguageRole, ReportedLanguage } from './report.ts';
export { dataReport, formatDataReport } from './report.ts';
export type { LanguageText, TextFile } from './text.ts';
export { hashDocuments, readText } from './text.ts';
export type { BatchShape, TextTokenizer, UnitBatch } from './types.ts';
export { NOT_SCORED } from './types.ts';
