/** What loading a config that is wrong says, for tests of its exact words. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { loadConfig, parseSet } from '../../node/cli/config/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** A right config, for tests to break. */
export const GOOD = `seed: 1
steps: 10
model: {path: base, sequenceLength: 32}
languages:
  - id: swh_Latn
    role: seen
    train: swh.txt
    eval: swh.dev.txt
  - {id: zul_Latn, role: unseen, eval: zul.dev.txt}
optimizer:
  name: adamw
  learningRate: 1.0e-4
`;

/** What loading `text` says: `Name message`, the folder cut away. */
export async function complaint(t: ExecutionContext, text: string, sets: readonly string[] = []) {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'base'));
  await writeFile(join(folder, 'base', 'config.json'), '{}');
  const path = join(folder, 'my.yaml');
  await writeFile(path, text);
  const error = await t.throwsAsync(async () => loadConfig(path, sets.map(parseSet)));
  t.is((error as { exitCode?: number }).exitCode, 2);
  return `${error.name} ${error.message.replaceAll(`${folder}/`, '')}`;
}
