/**
 * A model's scores in every language of a config: what `eval` prints, and what a run's launcher
 * says of the base and of the result. It is no part of a run; nothing here changes a bit of one.
 */
import { assert } from '../../protocol/assert.ts';
import type { Compute } from '../compute/index.ts';
import { evaluate, type LanguageRole, readText, type TextTokenizer } from '../data/index.ts';
import type { LoadedConfig } from './config/index.ts';
import type { EvaluatedLanguage } from './output/index.ts';

/** A language's evaluation text. */
export interface EvaluationText {
  readonly language: string;
  readonly role: LanguageRole;
  /** At least one. */
  readonly documents: readonly string[];
}

export interface EvaluateOptions {
  /** Holds the parameters that are to be scored. */
  readonly compute: Pick<Compute, 'score'>;
  readonly tokenizer: TextTokenizer;
  readonly languages: readonly EvaluationText[];
  /** Sequences that are scored at once; those of a work unit. */
  readonly unitSequences: number;
  /** Predictions a window. */
  readonly sequenceLength: number;
}

/**
 * The evaluation text of every language of a config, in its order. Throws a DataFileError or a
 * DataRecordError.
 */
export async function readEvaluations({ config, folder }: LoadedConfig): Promise<EvaluationText[]> {
  const texts: EvaluationText[] = [];
  for (const { id, role, eval: source } of config.languages) {
    const { documents } = await readText(source, folder);
    texts.push({ language: id, role, documents });
  }
  return texts;
}

/** Scores one language after another, in the order given. */
export async function evaluateLanguages(options: EvaluateOptions): Promise<EvaluatedLanguage[]> {
  const { compute, tokenizer, languages, unitSequences: sequences, sequenceLength } = options;
  const scores: EvaluatedLanguage[] = [];
  for (const { language, role, documents } of languages) {
    const shape = { sequences, sequenceLength };
    const result = await evaluate((batch) => compute.score(batch), documents, tokenizer, shape);
    assert(result.tokens > 0, `${language}: no token in ${result.documents} documents`);
    const { lossPerToken: loss, bitsPerByte, tokens } = result;
    scores.push({ language, role, loss, bitsPerByte, tokens });
  }
  return scores;
}
