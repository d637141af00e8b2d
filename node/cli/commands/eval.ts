/** `isogloss eval PATH`: loss and bits per byte of a model, a language a row. */
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { layoutBuckets } from '../../../protocol/index.ts';
import { type EngineName, openCompute } from '../../compute/index.ts';
import { loadModelFolder, paramsHashOf } from '../../model/index.ts';
import { openCheckpoint } from '../../store/index.ts';
import { type LoadedConfig, loadConfig } from '../config/index.ts';
import type { CommandAction } from '../context.ts';
import { PathError } from '../errors.ts';
import { evaluateLanguages, readEvaluations } from '../evaluation.ts';
import { evaluationTable } from '../output/index.ts';
import { findResolvedConfig, MODEL_FOLDER, placeKind, RESOLVED_CONFIG } from '../places.ts';
import { engineOption } from './flags.ts';

export interface EvalOptions {
  /** A Hugging Face folder, a checkpoint, or a run's folder. */
  readonly path: string;
  /** Names the languages and their text; left out: config.resolved.yaml in or above `path`. */
  readonly configPath: string | undefined;
  readonly engine: EngineName | undefined;
  readonly json: boolean;
}

interface Flags {
  readonly config?: string;
  readonly engine?: EngineName;
  readonly json?: boolean;
}

/** `act` runs it. */
export function evalCommand(act: (options: EvalOptions) => Promise<void>): Command {
  return new Command('eval')
    .description('score a model in every language of a config')
    .argument('<path>', "model folder, checkpoint or run's folder")
    .option('--config <file>', 'names the languages (default: config.resolved.yaml near PATH)')
    .addOption(engineOption())
    .option('--json', 'write one JSON object to standard output')
    .action(async (path: string, { config, engine, json }: Flags) => {
      await act({ path, configPath: config, engine, json: json ?? false });
    });
}

/** The table, or one object with its numbers, on standard output; what was opened on the other. */
export const runEval: CommandAction<EvalOptions> = async (options, { terminal }) => {
  const modelFolder = await modelFolderAt(options.path);
  const { configPath, loaded } = await openConfig(options, modelFolder);
  const languages = await readEvaluations(loaded);
  const { config, tokenizer, parameters, values } = await loadModelFolder(modelFolder);
  const { data, model } = loaded.config;
  const layout = layoutBuckets(parameters, loaded.config.bucketBytesMax);
  const shape = {
    unitSequences: data.unitSequences,
    sequenceLength: model.sequenceLength,
  };
  const compute = await openCompute({
    ...(options.engine === undefined ? {} : { engine: options.engine }),
    threads: availableParallelism(),
    config,
    layout,
    ...shape,
  });
  try {
    const paramsHash = paramsHashOf([values]);
    const { engine, why, numericsClass } = compute;
    terminal.line(`model   ${modelFolder}: ${values.length} parameters ${paramsHash}`);
    terminal.line(`config  ${configPath}: ${languages.length} languages`);
    terminal.line(`engine  ${why} (${numericsClass})`);
    compute.setBuckets(
      layout.buckets.map(({ index, start, length }) => ({
        bucket: index,
        values: values.slice(start, start + length),
      })),
    );
    const scores = await evaluateLanguages({ compute, tokenizer, languages, ...shape });
    const place = { path: modelFolder, config: configPath };
    const facts = { ...place, paramsHash, engine, numericsClass, ...shape };
    if (options.json) {
      terminal.data(JSON.stringify({ type: 'evaluation', ...facts, languages: scores }));
    } else {
      for (const line of evaluationTable({ languages: scores })) terminal.data(line);
    }
  } finally {
    await compute.close();
  }
  return 0;
};

/** The Hugging Face folder that a path means. Of a checkpoint every file is held to its hash. */
async function modelFolderAt(path: string): Promise<string> {
  const kind = await placeKind(path);
  if (kind === 'model') return path;
  if (kind === 'checkpoint') {
    const { manifest, buckets } = await openCheckpoint(path);
    if (manifest.files['config.json'] !== undefined) return path;
    const held = `${buckets.length} of ${manifest.values.length} buckets`;
    const problem = `${manifest.node}'s part of a checkpoint, ${held}, and no model`;
    const remedy = `Name ${basename(path)} in the run's folder.`;
    throw new PathError(path, `${problem}. ${remedy}`);
  }
  const inner = join(path, MODEL_FOLDER);
  const found = await placeKind(inner).catch(() => undefined);
  if (found === 'model') return inner;
  const problem = `a run's folder without a ${MODEL_FOLDER}/, so the run is not over`;
  throw new PathError(path, `${problem}. Name one of its checkpoints.`);
}

/** The config over the languages, with the model to be scored in the place of its own. */
async function openConfig(
  { path, configPath: named }: EvalOptions,
  modelFolder: string,
): Promise<{ configPath: string; loaded: LoadedConfig }> {
  const configPath = named ?? (await findResolvedConfig(path));
  if (configPath === undefined) {
    const problem = `no ${RESOLVED_CONFIG} in or above it says which languages there are`;
    throw new PathError(path, `${problem}. Add --config my.yaml.`);
  }
  const override = { path: ['model', 'path'], value: modelFolder, flag: path };
  return { configPath, loaded: await loadConfig(configPath, [override]) };
}
