/** Chooses the engine: the one asked for, or the first that loads, and says why. */
import { EngineUnavailableError, reasonOf } from '../errors.ts';
import type { Engine, EngineName, EngineOptions } from './engine.ts';
import { openOnnx } from './onnx.ts';
import { openReference } from './reference.ts';
import { openWasm } from './wasm.ts';

/** Ways to open each engine; an opener throws where the engine can't be had. */
export type EngineOpeners = Readonly<
  Record<EngineName, (options: EngineOptions) => Promise<Engine>>
>;

const OPENERS: EngineOpeners = { onnx: openOnnx, wasm: openWasm, reference: openReference };

/** From the fastest down; the reference is too slow to be anybody's default. */
const PREFERENCE: readonly EngineName[] = ['onnx', 'wasm'];

/**
 * The engine `wanted`, or else the first of the preference that loads. Throws
 * EngineUnavailableError when the one wanted does not load, or none does.
 */
export async function selectEngine(
  wanted: EngineName | undefined,
  options: EngineOptions,
  openers: EngineOpeners = OPENERS,
): Promise<{ engine: Engine; why: string }> {
  const failures: string[] = [];
  for (const name of wanted === undefined ? PREFERENCE : [wanted]) {
    try {
      const engine = await openers[name](options);
      const why = wanted === undefined ? 'the fastest that loads' : 'asked for';
      return { engine, why: [`${name}: ${why}`, ...failures].join('; ') };
    } catch (cause) {
      if (name === wanted || name === PREFERENCE.at(-1)) {
        throw new EngineUnavailableError(name, cause);
      }
      failures.push(`${name} does not load: ${reasonOf(cause)}`);
    }
  }
  throw new EngineUnavailableError('onnx', 'no engine to choose from');
}
