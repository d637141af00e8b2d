/** Why no honest node of a run can have said something: what the schema of messages can't know. */
import type { Claim } from '../../protocol/claims.ts';
import type { Message, MessageOf, Resolution, Standing } from '../../protocol/messages.ts';
import { isCanonical } from '../../protocol/tree.ts';
import type { Context } from './context.ts';

/** The reason; null when an honest node can have said it. */
export function faultOf(context: Context, message: Claim, hasPayload: boolean): string | null {
  if (message.bucket >= context.bucketCount) return 'there is no such bucket';
  if (message.step >= context.steps) return 'there is no such step';
  switch (message.kind) {
    case 'sum':
      return faultOfSum(context, message, hasPayload);
    case 'gram':
    case 'norm': {
      if (hasPayload) return `a ${message.kind} has no payload`;
      if (message.kind === 'norm') return null;
      return faultOfVectors(message, context.options.languages.length);
    }
    case 'direction':
      return faultOfDirection(context, message, hasPayload);
    case 'update': {
      if ((message.outcome === 'tensor') !== hasPayload) return 'payload and outcome differ';
      return message.resolution === null ? null : faultOfResolution(context, message.resolution);
    }
  }
}

/** Whether an update that brings no numbers names those that are here, at this node's step. */
export function keepsRightly(
  { complete, values }: Context,
  { bucket, outcome, published }: MessageOf<'update'>,
): boolean {
  return outcome === 'tensor' || (complete && values[bucket]!.published === published);
}

/** Why no honest node can send such a whole value; null when one can. */
export function faultOfWhole(
  { bucketCount, steps }: Context,
  { bucket, step }: MessageOf<'whole'>,
  hasPayload: boolean,
): string | null {
  if (bucket >= bucketCount) return 'there is no such bucket';
  if (step > steps) return 'there is no such step';
  return hasPayload ? null : 'a whole value is its payload';
}

/** Why no honest node can say this of where it stands; null when one can. */
export function faultOfDigest(
  { bucketCount, steps, options }: Context,
  { standing, about }: Extract<Message, { kind: 'digest' }>,
): string | null {
  const fault = faultOfStanding(standing, bucketCount, steps, options.languages.length);
  if (fault !== null) return fault;
  for (const one of about) {
    const other = faultOfStanding(one.standing, bucketCount, steps, options.languages.length);
    if (other !== null) return other;
  }
  return null;
}

function faultOfStanding(
  { step, has, held, heldBefore, durable, lacks }: Standing,
  bucketCount: number,
  steps: number,
  languageCount: number,
): string | null {
  if (step > steps) return 'there is no such step';
  const bytes = Math.ceil(bucketCount / 8);
  const fits =
    has.length === bytes &&
    held.length === bytes &&
    heldBefore.length === bytes &&
    durable.every(({ buckets }) => buckets.length === bytes);
  if (!fits) return `sets of ${bucketCount} buckets expected`;
  return lacks.length === Math.ceil(languageCount / 8)
    ? null
    : `a set of ${languageCount} languages expected`;
}

function faultOfSum(context: Context, message: MessageOf<'sum'>, hasPayload: boolean) {
  const units = context.options.languages[message.language]?.unitsPerStep;
  if (units === undefined) return `there is no language ${message.language}`;
  if (!isCanonical(message, units)) return `there is no place ${message.level}:${message.index}`;
  const isTensor = message.outcome === 'tensor';
  if (isTensor !== hasPayload || isTensor !== (message.hash !== null)) {
    return 'payload and outcome differ';
  }
  return null;
}

function faultOfDirection(context: Context, message: MessageOf<'direction'>, hasPayload: boolean) {
  const isTensor = message.outcome === 'tensor';
  if (isTensor !== hasPayload || isTensor !== (message.hash !== null)) {
    return 'payload and outcome differ';
  }
  const { stateLength } = context.options;
  if (message.state.length !== 8 * stateLength) {
    return `an aggregator's state of ${stateLength} numbers expected`;
  }
  return faultOfResolution(context, message.resolution);
}

function faultOfResolution({ options }: Context, resolution: Resolution): string | null {
  const m = options.languages.length;
  if (options.clips !== (resolution.squaredNorm !== null)) return 'a norm is due with clipping';
  if (resolution.weights.length !== 8 * m) return 'one weight a language expected';
  return faultOfVectors(resolution, m);
}

function faultOfVectors(
  { present, gram, losses }: Pick<MessageOf<'gram'>, 'present' | 'gram' | 'losses'>,
  m: number,
): string | null {
  const fits = present.length === m && losses.length === m && gram.length === 4 * m * (m + 1);
  if (!fits) return `vectors for ${m} languages expected`;
  if (present.some((one) => one > 1)) return 'present is 0 or 1';
  return isGramLike(gram, m) ? null : 'its Gram matrix has numbers that none can have';
}

/** Rows of f32 numbers never overflow in float64, so that every honest inner product is finite. */
function isGramLike(triangle: Uint8Array, m: number): boolean {
  const upper = new DataView(triangle.buffer, triangle.byteOffset, triangle.byteLength);
  let at = 0;
  for (let row = 0; row < m; row++) {
    for (let column = row; column < m; column++, at += 8) {
      const product = upper.getFloat64(at, true);
      if (!Number.isFinite(product) || (row === column && product < 0)) return false;
    }
  }
  return true;
}
