/** Keys that the actor, the bulk worker and the runtime must agree on. */
import { keyOf, type ValueKey } from '../../protocol/values.ts';
import type { SliceEvent } from './types.ts';

/** A slice's key; a unit computed again has other keys than the first time. */
export function sliceKey(
  slice: Pick<SliceEvent, 'step' | 'language' | 'unit' | 'bucket' | 'attempt'>,
): ValueKey {
  const { step, language, unit, bucket, attempt } = slice;
  const key = keyOf({ kind: 'slice', step, language, unit, bucket });
  return attempt === 0 ? key : `${key} again ${attempt}`;
}

export function valueKey(step: number, bucket: number): ValueKey {
  return keyOf({ kind: 'value', step, bucket });
}

/** What is sent of a value to a node that is to hold it: everything, not only what is published. */
export function wholeKey(step: number, bucket: number): ValueKey {
  return `whole ${step} ${bucket}`;
}

/** The step and bucket of a `wholeKey`; null for any other key. */
export function wholeOf(key: ValueKey): { step: number; bucket: number } | null {
  const match = /^whole (\d+) (\d+)$/.exec(key);
  return match === null ? null : { step: Number(match[1]), bucket: Number(match[2]) };
}

export function directionKey(step: number, bucket: number): ValueKey {
  return keyOf({ kind: 'direction', step, bucket });
}

export function stateKey(step: number, group: number): ValueKey {
  return keyOf({ kind: 'state', step, group });
}
