/**
 * A job: what a config means once its model and its text are read. It fixes the run's manifest, and
 * holds what a node needs to compute work units; nothing of it depends on which node it is.
 */
import { resolve } from 'node:path';
import { defined } from '../../../protocol/assert.ts';
import {
  type BucketLayout,
  type GroupBy,
  layoutBuckets,
  MANIFEST_FORMAT,
  type Manifest,
  parseManifest,
  runIdOf,
} from '../../../protocol/index.ts';
import {
  type Corpus,
  dataReport,
  type LanguageReport,
  openCorpus,
  type ReportedLanguage,
  readText,
} from '../../data/index.ts';
import { type LoadedModel, loadModelFolder, paramsHashOf } from '../../model/index.ts';
import { type Config, ConfigValueError, type LoadedConfig } from '../config/index.ts';
import type { EvaluationText } from '../evaluation.ts';
import { groupsOf } from './groups.ts';

/** By what name a node is known in `data.at`. */
export interface NodeName {
  /** Undefined: by none. */
  readonly name: string | undefined;
}

export interface Job {
  readonly loaded: LoadedConfig;
  readonly config: Config;
  readonly model: LoadedModel;
  readonly manifest: Manifest;
  readonly runId: string;
  readonly layout: BucketLayout;
  readonly groups: GroupBy;
  /** Of the languages that are trained on, in the manifest's order; null: not here (data.at). */
  readonly corpora: readonly (Corpus | null)[];
  /** Of all languages whose text is here, for people. */
  readonly data: readonly LanguageReport[];
  readonly evaluations: readonly EvaluationText[];
}

/**
 * Reads and checks everything that a run needs; `node` is who reads it, where text that `data.at`
 * keeps elsewhere is not looked for. Left out: whoever needs all text. Throws the errors of
 * node/model and node/data, and a ConfigValueError where a text is not the one that data.at means.
 */
export async function openJob(loaded: LoadedConfig, node?: NodeName): Promise<Job> {
  const { config, folder } = loaded;
  const model = await loadModelFolder(resolve(folder, config.model.path));
  const languages = await readLanguages(loaded, model, node);
  const trained = config.languages
    .filter(({ role }) => role === 'seen')
    .map(({ id }) => ({ id, here: languages.find((one) => one.id === id) }));
  const corpora = trained.map(({ here }) => here?.corpus ?? null);
  const hashes = trained.map(({ id, here }) => {
    return { id, train: here?.train?.hash ?? defined(config.data.at[id], id).sha256 };
  });
  const layout = layoutBuckets(model.parameters, config.bucketBytesMax);
  const known = corpora.filter((corpus) => corpus !== null);
  const groups = groupsOf(loaded, { model, layout, corpora: known });
  const manifest = manifestOf(loaded, model, hashes, groups);
  return {
    loaded,
    config,
    model,
    manifest,
    runId: runIdOf(manifest),
    layout,
    groups,
    corpora,
    data: dataReport(languages, model.tokenizer, config.steps),
    evaluations: languages.map(({ id, role, evaluation }) => {
      return { language: id, role, documents: evaluation.documents };
    }),
  };
}

/** The same job with plain averaging: what a run is compared with. */
export function baselineOf(job: Job): Job {
  // The mean weighs every group the same: coarser ones would change nothing.
  const config: Config = {
    ...job.config,
    aggregator: { name: 'mean', normalize: 'none' },
    whenStalled: 'report',
  };
  const { whenStalled: _whenStalled, ...manifestLeft } = job.manifest;
  const manifest = parse({ ...manifestLeft, aggregator: config.aggregator });
  const { own: _own, ...rest } = job.loaded;
  const loaded = { ...rest, config };
  return { ...job, loaded, config, manifest, runId: runIdOf(manifest) };
}

async function readLanguages(
  { config, folder, source }: LoadedConfig,
  { tokenizer }: LoadedModel,
  node: NodeName | undefined,
): Promise<ReportedLanguage[]> {
  const languages: ReportedLanguage[] = [];
  for (const language of config.languages) {
    const { id, role } = language;
    const kept = config.data.at[id];
    if (kept !== undefined && node !== undefined && !kept.nodes.includes(node.name ?? '')) continue;
    const evaluation = await readText(language.eval, folder);
    if (language.role === 'unseen') {
      languages.push({ id, role, evaluation });
      continue;
    }
    const train = await readText(language.train, folder);
    if (kept !== undefined && kept.sha256 !== train.hash) {
      throw new ConfigValueError(
        source.place(['data', 'at', id, 'sha256'], 'value'),
        `data.at.${id}.sha256 is ${kept.sha256}, and the text here has ${train.hash}. Put the ` +
          'text back, or correct it on all nodes.',
      );
    }
    const corpus = openCorpus({
      language: id,
      documents: train.documents,
      tokenizer,
      seed: config.seed,
      sequenceLength: config.model.sequenceLength,
      unitSequences: config.data.unitSequences,
      unitsPerStep: language.unitsPerStep,
    });
    languages.push({ id, role, train, corpus, evaluation });
  }
  return languages;
}

function manifestOf(
  { config, own }: LoadedConfig,
  model: LoadedModel,
  trained: readonly { readonly id: string; readonly train: string }[],
  groups: GroupBy,
): Manifest {
  const unitsPerStep = new Map(
    config.languages.map((language) => [language.id, unitsOf(language)] as const),
  );
  return parse({
    format: MANIFEST_FORMAT,
    seed: config.seed,
    steps: config.steps,
    model: {
      base: paramsHashOf([model.values]),
      config: model.hashes.config,
      tokenizer: model.hashes.tokenizer,
      sequenceLength: config.model.sequenceLength,
    },
    parameters: model.parameters.map(({ name, shape, layer }) => ({
      name,
      shape: [...shape],
      layer,
    })),
    languages: trained.map(({ id, train }) => {
      return { id, train, unitsPerStep: unitsPerStep.get(id) ?? 1 };
    }),
    data: { unitSequences: config.data.unitSequences },
    bucketBytesMax: config.bucketBytesMax,
    groups,
    ...(config.whenStalled !== 'report' && { whenStalled: config.whenStalled }),
    // What a module says counts, not where it lies.
    aggregator: { ...config.aggregator, ...(own && { module: own.sha256 }) },
    optimizer: config.optimizer,
    wire: config.wire,
  });
}

const parse = (manifest: unknown) => parseManifest(manifest, 'the manifest of this run');

const unitsOf = (language: Config['languages'][number]) =>
  language.role === 'seen' ? language.unitsPerStep : 1;
