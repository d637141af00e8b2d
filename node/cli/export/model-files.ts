/**
 * Where the small files of an exported model come from: config.json and the tokenizer are no part
 * of what nodes keep, and are held to the hashes that the run's manifest has of them.
 */
import { join, resolve } from 'node:path';
import { IsoglossError, type Manifest } from '../../../protocol/index.ts';
import { loadModelFiles } from '../../model/index.ts';
import { loadConfig } from '../config/index.ts';
import { PathError } from '../errors.ts';
import { modelFilesOf } from '../job/index.ts';
import { findResolvedConfig, MODEL_FOLDER, RESOLVED_CONFIG } from '../places.ts';

/**
 * Contents by name. `base` is the folder that the user names; without one they are looked for in
 * `wholes` (assembled checkpoints), beside `paths`, and where the run's config says. Throws a
 * PathError where no folder has the files that the run began with.
 */
export async function findModelFiles(
  { model: wanted }: Manifest,
  base: string | undefined,
  wholes: readonly string[],
  paths: readonly string[],
): Promise<Record<string, string>> {
  const folders = base === undefined ? [...wholes, ...(await candidates(paths))] : [base];
  const problems: string[] = [];
  for (const folder of folders) {
    try {
      const model = await loadModelFiles(folder);
      const { config, tokenizer } = model.hashes;
      const same = config === wanted.config && tokenizer === wanted.tokenizer;
      if (same) return modelFilesOf({ model });
      const what = config === wanted.config ? 'tokenizer' : 'config.json';
      problems.push(`${folder} has another ${what} than the run.`);
    } catch (error) {
      if (!(error instanceof IsoglossError)) throw error;
      problems.push(error.message);
    }
  }
  const nowhere = `no ${RESOLVED_CONFIG} beside it says where the base model is.`;
  const remedy =
    'Name the folder of the base model: --base FOLDER (its weights need not be there).';
  throw new PathError(base ?? paths[0] ?? '.', `${problems.join(' ') || nowhere} ${remedy}`);
}

/** A finished run's model, and the base that its config names. */
async function candidates(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const configPath = await findResolvedConfig(path);
    if (configPath === undefined) continue;
    const { folder, config } = await loadConfig(configPath).catch((error: unknown) => {
      if (!(error instanceof IsoglossError)) throw error;
      return { folder: undefined, config: undefined };
    });
    if (folder === undefined) continue;
    found.push(resolve(folder, config.model.path), join(folder, MODEL_FOLDER));
  }
  return [...new Set(found)];
}
