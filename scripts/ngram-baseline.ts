/**
 * What simple models reach on the example's evaluation text, in bits per byte as `isogloss eval`
 * counts them: byte n-grams and general compressors that see what the run sees of each language.
 *
 *     node scripts/ngram-baseline.ts      prints a markdown table
 *
 * A seen language's models learn its own training text. An unseen language has none, so its n-grams
 * count what the base model learned; a compressor's window would hold only the end of that.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import {
  type BatchShape,
  evaluate,
  NOT_SCORED,
  readText,
  type Score,
  type TextTokenizer,
} from '../node/data/index.ts';
import { defined } from '../protocol/assert.ts';
import { brotli, compressedBitsPerByte, gzip } from './baseline/compress.ts';
import { createNgramModel, type NgramModel, START } from './baseline/ngram.ts';
import { orUsage } from './usage.ts';

orUsage(import.meta.filename, () => parseArgs({ options: {} }));

const EXAMPLES = join(import.meta.dirname, '../examples');

/** Bare byte frequencies, the customary 3, and the order that does best on this text. */
const ORDERS = [1, 3, 5] as const;

const indexSchema = z.object({
  languages: z.array(z.object({ id: z.string(), role: z.enum(['seen', 'unseen', 'base']) })),
});

const BYTES: TextTokenizer = {
  encode: (text) => [...Buffer.from(text)],
  bosId: START,
  eosId: START + 1,
};

/** A model of these documents. */
export function train(order: number, documents: readonly string[]): NgramModel {
  const model = createNgramModel(order);
  for (const document of documents) model.add(Buffer.from(document));
  return model;
}

/** Bits per byte of the documents under the model; a document is one window. */
export async function ngramBitsPerByte(
  model: NgramModel,
  documents: readonly string[],
): Promise<number> {
  const longest = Math.max(...documents.map((document) => Buffer.byteLength(document)));
  const shape: BatchShape = { sequences: 1, sequenceLength: longest };
  const score: Score = async ({ tokens, targets }) => {
    const document = tokens.subarray(1); // without BOS
    return Float32Array.from(targets, (target, i) =>
      target === NOT_SCORED ? 0 : -Math.log(model.probability(target, document, i)),
    );
  };
  return (await evaluate(score, documents, BYTES, shape)).bitsPerByte;
}

/** One language's cells; undefined where there is nothing to count. */
async function row(id: string, seen: boolean, base: readonly string[]) {
  const evaluation = (await readText(`udhr/${id}.dev.txt`, EXAMPLES)).documents;
  const text = seen ? (await readText(`udhr/${id}.train.txt`, EXAMPLES)).documents : base;
  return [
    ...(await Promise.all(ORDERS.map((order) => ngramBitsPerByte(train(order, text), evaluation)))),
    seen ? compressedBitsPerByte(gzip, text, evaluation) : undefined,
    seen ? compressedBitsPerByte(brotli, text, evaluation) : undefined,
  ];
}

async function main(): Promise<void> {
  const index = indexSchema.parse(
    JSON.parse(readFileSync(join(EXAMPLES, 'udhr/index.json'), 'utf8')),
  );
  const base = (await readText('base/base.train.txt', EXAMPLES)).documents;
  const columns = [...ORDERS.map((order) => `${order}-gram`), 'gzip', 'brotli'];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  console.log(line(['language', 'role', ...columns]));
  console.log(`|---|---|${'---:|'.repeat(columns.length)}`);
  for (const role of ['seen', 'unseen'] as const) {
    const rows: (number | undefined)[][] = [];
    const cells = (values: readonly (number | undefined)[]) =>
      values.map((value) => value?.toFixed(2) ?? '–');
    for (const { id } of index.languages.filter((language) => language.role === role)) {
      const values = await row(id, role === 'seen', base);
      rows.push(values);
      console.log(line([id, role, ...cells(values)]));
    }
    const means = columns.map((_, i) => {
      const values = rows.map((values) => values[i]);
      if (values.includes(undefined)) return undefined;
      return values.reduce<number>((sum, value) => sum + defined(value, 'value'), 0) / rows.length;
    });
    console.log(line(['**mean**', role, ...cells(means)]));
  }
}

if (import.meta.main) await main();
