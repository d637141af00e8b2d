/**
 * A training's state on disk, so that one that is killed goes on where it was: one safetensors file
 * that replaces the one before.
 */
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type NamedTensor,
  openSafetensors,
  type SafetensorsFile,
  temporaryName,
  writeSafetensors,
} from '../../node/files/index.ts';
import { assert } from '../../protocol/assert.ts';
import { canonicalJson } from '../../protocol/canonical.ts';
import { hashOf } from '../../protocol/hashes.ts';
import type { Recipe } from './recipe.ts';
import type { TrainingState } from './training.ts';

/** What a state belongs to: the recipe, the text and the class of the machine's numerics. */
export interface Origin {
  readonly recipe: Recipe;
  /** hashDocuments of the training text. */
  readonly text: string;
  readonly numericsClass: string;
}

const originHash = ({ recipe, text, numericsClass }: Origin) =>
  hashOf(canonicalJson([{ ...recipe }, text, numericsClass]));

/** Writes the file at `path`; whoever is killed meanwhile keeps the one before. */
export async function saveState(path: string, origin: Origin, state: TrainingState): Promise<void> {
  const tensors: NamedTensor[] = state.masters.flatMap((master, b) => {
    const { arrays, scalars } = state.optimizers[b]!;
    const all = { master, scalars, ...arrays };
    return Object.entries(all).map(([name, values]) => ({
      name: `${b}.${name}`,
      shape: [values.length],
      values,
    }));
  });
  const metadata = { origin: originHash(origin), step: String(state.step) };
  const temporary = temporaryName(path);
  await mkdir(dirname(path), { recursive: true });
  await rm(temporary, { force: true });
  await writeSafetensors(temporary, tensors, metadata);
  await rename(temporary, path);
}

/**
 * The state at `path`, in the shape of `like`; undefined if there is none, or one of another
 * origin.
 */
export async function loadState(
  path: string,
  origin: Origin,
  like: TrainingState,
): Promise<TrainingState | undefined> {
  if ((await stat(path).catch(() => undefined)) === undefined) return undefined;
  const file = await openSafetensors(path);
  try {
    if (file.metadata['origin'] !== originHash(origin)) return undefined;
    const masters: Float32Array[] = [];
    const optimizers: TrainingState['optimizers'][number][] = [];
    for (const [b, { arrays }] of like.optimizers.entries()) {
      masters.push(await readF32(file, `${b}.master`));
      const scalars = await file.read(`${b}.scalars`);
      assert(scalars instanceof Float64Array, `${b}.scalars is not F64`);
      const read: Record<string, Float32Array> = {};
      for (const name of Object.keys(arrays)) read[name] = await readF32(file, `${b}.${name}`);
      optimizers.push({ arrays: read, scalars });
    }
    return { step: Number(file.metadata['step']), masters, optimizers };
  } finally {
    await file.close();
  }
}

async function readF32(file: SafetensorsFile, name: string): Promise<Float32Array> {
  const values = await file.read(name);
  assert(values instanceof Float32Array, `${name} is not F32`);
  return values;
}
