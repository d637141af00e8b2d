/** What the run is going to see of each language, told before step 1. */
import type { Corpus } from './corpus.ts';
import type { LanguageText } from './text.ts';
import type { TextTokenizer } from './types.ts';

export type LanguageRole = 'seen' | 'unseen';

/** One language as the report needs it: `corpus` and `train` for seen ones only. */
export interface ReportedLanguage {
  readonly id: string;
  readonly role: LanguageRole;
  readonly train?: LanguageText;
  readonly corpus?: Corpus;
  readonly evaluation: LanguageText;
}

/** A row of the report. Numbers of training text are 0 for unseen languages. */
export interface LanguageReport {
  readonly language: string;
  readonly role: LanguageRole;
  readonly documents: number;
  /** UTF-8 bytes of the documents. */
  readonly bytes: number;
  /** Of one pass, BOS and EOS included. */
  readonly tokens: number;
  /** Of one pass: what a loss is taken on. */
  readonly trainableTokens: number;
  /** Documents' bytes over their tokens, BOS and EOS apart; of the evaluation text where unseen. */
  readonly bytesPerToken: number;
  /** Documents that stood in the text before. */
  readonly duplicates: number;
  /** Records of white space only, which are left out. */
  readonly empty: number;
  /** Of all tokens that the planned steps train on; 0 to 1. */
  readonly share: number;
  /** Over the text, in the planned steps. */
  readonly passes: number;
  readonly evaluation: {
    readonly documents: number;
    readonly bytes: number;
    readonly tokens: number;
  };
}

/** The rows, in the order given, for a run of `steps` steps. */
export function dataReport(
  languages: readonly ReportedLanguage[],
  tokenizer: TextTokenizer,
  steps: number,
): LanguageReport[] {
  const planned = ({ corpus }: ReportedLanguage) =>
    corpus ? corpus.passesAt(steps) * corpus.trainableTokens : 0;
  const total = languages.reduce((sum, language) => sum + planned(language), 0);
  return languages.map((language) => {
    const { id, role, train, corpus } = language;
    const evaluation = evaluationSize(language.evaluation, tokenizer);
    const documents = train?.documents.length ?? 0;
    return {
      language: id,
      role,
      documents,
      bytes: train?.bytes ?? 0,
      tokens: corpus?.tokens ?? 0,
      trainableTokens: corpus?.trainableTokens ?? 0,
      bytesPerToken:
        train && corpus
          ? train.bytes / (corpus.tokens - 2 * documents)
          : evaluation.bytes / evaluation.tokens,
      duplicates: documents - new Set(train?.documents).size,
      empty: train?.empty ?? 0,
      share: total === 0 ? 0 : planned(language) / total,
      passes: corpus?.passesAt(steps) ?? 0,
      evaluation,
    };
  });
}

function evaluationSize(text: LanguageText, tokenizer: TextTokenizer) {
  const tokens = text.documents.reduce((sum, line) => sum + tokenizer.encode(line).length, 0);
  return { documents: text.documents.length, bytes: text.bytes, tokens };
}

const HEAD = ['language', 'role', 'documents', 'tokens', 'bytes/token', 'share', 'passes'];
/** Columns of text; the others are numbers, and end in line. */
const TEXT_COLUMNS = 2;

/**
 * The report as aligned lines for people: a head, and a line a language. Of an unseen language the
 * documents and tokens are those of its evaluation text.
 */
export function formatDataReport(rows: readonly LanguageReport[]): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => {
    const seen = row.role === 'seen';
    const { documents, tokens } = seen ? row : row.evaluation;
    const share = seen ? `${(100 * row.share).toFixed(1)} %` : '–';
    const passes = seen ? row.passes.toFixed(2) : '–';
    const numbers = [String(documents), String(tokens), row.bytesPerToken.toFixed(2)];
    return [row.language, row.role, ...numbers, share, passes];
  });
  const table = [HEAD, ...cells];
  const widths = HEAD.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const remarks = ['', ...rows.map(remarkText)];
  return table.map((row, line) => {
    const padded = row.map((cell, column) =>
      column < TEXT_COLUMNS ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    return padded.join('  ') + remarks[line];
  });
}

function remarkText({ duplicates, empty }: LanguageReport): string {
  const words = [
    ...(duplicates > 0 ? [`${duplicates} duplicate${duplicates === 1 ? '' : 's'}`] : []),
    ...(empty > 0 ? [`${empty} empty`] : []),
  ];
  return words.length > 0 ? `  (${words.join(', ')})` : '';
}
