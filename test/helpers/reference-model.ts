/**
 * The tiny models of test/fixtures/model with what Transformers computes with them
 * (scripts/make-reference-logits.ts).
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSafetensors } from '../../node/files/index.ts';
import { type LoadedModel, loadModelFolder } from '../../node/model/index.ts';

/** Tied head; untied with one key head and bf16 in the file; untied in several files. */
export const REFERENCE_MODELS = ['tied', 'untied-bf16', 'sharded'] as const;

export type ReferenceModelName = (typeof REFERENCE_MODELS)[number];

export interface Reference {
  readonly folder: string;
  readonly model: LoadedModel;
  /** [batch, length], as are targets and losses. */
  readonly shape: readonly [number, number];
  readonly tokens: Int32Array;
  /** -1: not scored. */
  readonly targets: Int32Array;
  /** [batch · length, vocabulary]. */
  readonly logits: Float32Array;
  /** −ln p, 0 where not scored. */
  readonly losses: Float32Array;
  /** Of the sum of the losses, by parameter; only `tied` has them. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

export function fixtureFolder(name: string): string {
  return fileURLToPath(new URL(join('../fixtures/model', name), import.meta.url));
}

export async function readReference(name: ReferenceModelName): Promise<Reference> {
  const folder = fixtureFolder(name);
  const model = await loadModelFolder(folder);
  const file = await openSafetensors(join(folder, 'reference.safetensors'));
  const read = async (tensor: string) => (await file.read(tensor)) as Float32Array;
  const gradients = new Map<string, Float32Array>();
  for (const tensor of file.tensors.keys()) {
    const [kind, parameter] = tensor.split(/\.(.*)/);
    if (kind === 'gradient') gradients.set(parameter!, await read(tensor));
  }
  const reference: Reference = {
    folder,
    model,
    shape: file.tensors.get('tokens')!.shape as [number, number],
    tokens: Int32Array.from(await read('tokens')),
    targets: Int32Array.from(await read('targets')),
    logits: await read('logits'),
    losses: await read('losses'),
    gradients,
  };
  await file.close();
  return reference;
}
