/**
 * Puts the Hugging Face folder of one step together from the folders of any nodes that have every
 * bucket between them.
 *
 * ```ts
 * import { exportStep } from './node/cli/export/index.ts';
 *
 * const note = (text: string) => console.error(text);
 * const { path, step } = await exportStep({ paths: ['kestrel', 'merlin'], to: 'model' }, note);
 * ```
 */
import { basename, join, resolve } from 'node:path';
import { IsoglossError } from '../../../protocol/index.ts';
import { paramsHashOf } from '../../model/index.ts';
import {
  checkpointName,
  openCheckpoint,
  openSources,
  type PartedStep,
  readSources,
  type StepSources,
  sortParts,
  writeAssembled,
} from '../../store/index.ts';
import { PathError } from '../errors.ts';
import { findParts } from '../find-parts.ts';
import { placeKind } from '../places.ts';
import { findModelFiles } from './model-files.ts';

export interface ExportOptions {
  /** Folders of runs, of nodes, or checkpoints. */
  readonly paths: readonly string[];
  /** Left out: the newest that is whole. */
  readonly step?: number | undefined;
  /** Left out: checkpoint-N in the first path if that is a run's folder, else here. */
  readonly to?: string | undefined;
  /** A folder with config.json and tokenizer of the base model. */
  readonly base?: string | undefined;
}

export interface Exported {
  readonly path: string;
  readonly step: number;
  readonly steps: number;
  readonly runId: string;
  readonly root: string;
  readonly paramsHash: string;
  /** Which folder gave how many buckets. */
  readonly sources: readonly { readonly path: string; readonly buckets: number }[];
  /** It stood there already and was left as it is. */
  readonly wasThere: boolean;
}

/**
 * Says through `note` what is passed over and why. Throws a PathError for paths without
 * checkpoints, the errors of node/store where no step is whole, a TargetExistsError.
 */
export async function exportStep(
  options: ExportOptions,
  note: (text: string) => void,
): Promise<Exported> {
  const found = await Promise.all(options.paths.map(findParts));
  // The same folder may be named twice, or lie in another that is.
  const parts = new Map(found.flat().map((path) => [resolve(path), path]));
  const { steps, refused } = await sortParts([...parts.values()]);
  const passOver = (error: IsoglossError) => note(`${error.name} ${error.message}`);
  for (const error of refused) passOver(error);
  const [first] = refused;
  if (steps.length === 0) throw first ?? new PathError(options.paths[0]!, 'holds no checkpoint.');
  const opened = await openNewest(wantedSteps(options, steps), passOver);
  for (const error of opened.refused) {
    note(`${error.name} ${error.message} Passed over: another folder has the same buckets.`);
  }
  const target = await targetOf(options, opened.manifest.step);
  return (await standing(options, target, opened)) ?? (await write(options, target, opened));
}

/** Newest first; only the one that was asked for, if one was. */
function wantedSteps({ step, paths }: ExportOptions, steps: readonly PartedStep[]): PartedStep[] {
  const wanted = steps.filter((one) => step === undefined || one.step === step);
  if (wanted.length > 0) return wanted;
  const there = steps.map((one) => one.step).join(', ');
  throw new PathError(
    paths.join(', '),
    `no checkpoint of step ${step}; there are those of ${there}.`,
  );
}

/** The newest step that is whole; the error of the newest where none is. */
async function openNewest(
  steps: readonly PartedStep[],
  passOver: (error: IsoglossError) => void,
): Promise<StepSources> {
  const errors: IsoglossError[] = [];
  for (const { step, parts } of steps) {
    try {
      const opened = await openSources(
        checkpointName(step),
        parts.map(({ path }) => path),
        'export',
      );
      errors.forEach(passOver);
      return opened;
    } catch (error) {
      if (!(error instanceof IsoglossError)) throw error;
      errors.push(error);
    }
  }
  for (const error of errors.slice(1)) passOver(error);
  throw errors[0]!;
}

async function targetOf({ to, paths }: ExportOptions, step: number): Promise<string> {
  if (to !== undefined) return to;
  const [first] = paths as [string];
  const isRun = (await placeKind(first).catch(() => undefined)) === 'run';
  const isNode = basename(resolve(first, '..')) === 'state';
  return isRun && !isNode ? join(first, checkpointName(step)) : checkpointName(step);
}

/** What is to be written may stand there already: then it is left as it is. */
async function standing(
  { to }: ExportOptions,
  target: string,
  { manifest, sources }: StepSources,
): Promise<Exported | undefined> {
  if (to !== undefined) return undefined;
  const there = await openCheckpoint(target).catch(() => undefined);
  if (there?.manifest.files['config.json'] === undefined) return undefined;
  if (there.manifest.root !== manifest.root) return undefined;
  const pieces: Float32Array[] = [];
  for await (const { arrays } of readSources(sources, [])) {
    pieces.push(arrays['published'] as Float32Array);
  }
  const paramsHash = paramsHashOf(pieces);
  return { ...facts(target, { manifest, sources }), paramsHash, wasThere: true };
}

async function write(
  { base, paths }: ExportOptions,
  target: string,
  opened: StepSources,
): Promise<Exported> {
  const { sources, manifest } = opened;
  const wholes = [...new Set(sources)].filter((one) => one.manifest.files['config.json']);
  const files = await findModelFiles(
    manifest.run,
    base,
    wholes.map(({ path }) => path),
    paths,
  );
  const paramsHash = await writeAssembled(opened, target, files);
  return { ...facts(target, opened), paramsHash, wasThere: false };
}

function facts(path: string, { manifest, sources }: Pick<StepSources, 'manifest' | 'sources'>) {
  const { step, runId, root, run } = manifest;
  const counts = new Map<string, number>();
  for (const source of sources) counts.set(source.path, (counts.get(source.path) ?? 0) + 1);
  return {
    ...{ path, step, steps: run.steps, runId, root },
    sources: [...counts].map(([from, buckets]) => ({ path: from, buckets })),
  };
}
