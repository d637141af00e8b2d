/**
 * Writes test/fixtures/model: tiny Llama models as Transformers saves them, each with our byte
 * tokenizer and with Transformers' logits, losses and gradients.
 *
 *     node scripts/make-reference-logits.ts
 */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { byteTokenizerFiles } from '../node/model/index.ts';
import { ensurePythonEnvironment, run } from './python-env.ts';

const TARGET = fileURLToPath(new URL('../test/fixtures/model', import.meta.url));
const SCRIPT = fileURLToPath(new URL('python/reference_logits.py', import.meta.url));

const python = await ensurePythonEnvironment();
await rm(TARGET, { recursive: true, force: true });
await run(python, [SCRIPT, TARGET]);
for (const name of await readdir(TARGET)) {
  for (const [file, text] of Object.entries(byteTokenizerFiles())) {
    await writeFile(join(TARGET, name, file), text);
  }
}
