/**
 * What a machine that is wrong, or lies, makes of its own work and words. Everything is keyed by
 * the fault and the value, so that it is wrong in the same way each time.
 */
import type { Effect } from '../../node/actor/index.ts';
import { hashOf } from '../../protocol/hashes.ts';
import type { Message } from '../../protocol/messages.ts';
import { drawBelow, drawKey, drawShare } from '../core/draws.ts';
import type { UnitName, UnitWork } from '../models/index.ts';
import type { SimNode } from './node.ts';

type SendEffect = Extract<Effect, { kind: 'send' }>;

const GRADIENT = drawKey(0, 'harmed gradients');

/** The work of a unit as a harmed machine computes it. */
export function alterWork(
  node: SimNode,
  { step, language, unit }: UnitName,
  work: UnitWork,
): UnitWork {
  const slices = work.slices.map((slice) => slice?.slice() ?? null);
  for (const { id, fault } of node.harms) {
    if (fault.fault === 'sybil') scaleAll(node, slices, fault.args.factor);
    if (fault.fault !== 'gradientFlip' && fault.fault !== 'gradientNonFinite') continue;
    const name = language * 65536 + unit;
    if (drawShare(GRADIENT, id, step, name) >= fault.args.share) continue;
    const present = slices.filter((slice) => slice !== null);
    const slice = present[drawBelow(GRADIENT, present.length, id, step, name, 1)];
    if (slice === undefined) continue;
    node.lies++;
    const at = drawBelow(GRADIENT, slice.length, id, step, name, 2);
    if (fault.fault === 'gradientNonFinite') slice[at] = Number.NaN;
    else flipBit(slice, at, drawBelow(GRADIENT, 30, id, step, name, 3));
  }
  return { ...work, slices };
}

/** All that one person's machines compute, in the one way in which it is to be wrong. */
function scaleAll(node: SimNode, slices: readonly (Float32Array | null)[], factor: number): void {
  node.lies++;
  for (const slice of slices) {
    if (slice === null) continue;
    for (let i = 0; i < slice.length; i++) slice[i] = slice[i]! * factor;
  }
}

/** Flips one bit of a number in memory. */
export function flipBit(values: Float32Array, at: number, bit: number): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  bits[at] = (bits[at]! ^ (1 << bit)) >>> 0;
}

interface Altered {
  readonly message: Message;
  readonly payload: Uint8Array | null;
}

/**
 * What a liar sends in place of a message: undefined if the same, null if nothing. The payload's
 * hash fits, as only a liar's would.
 */
export function alterSend(
  node: SimNode,
  { message }: SendEffect,
  payload: Uint8Array | null,
  to: number,
): Altered | null | undefined {
  let altered: Altered | null | undefined;
  for (const { fault } of node.harms) {
    switch (fault.fault) {
      case 'withhold':
        if (message.kind !== 'digest' && message.kind !== 'want') return null;
        break;
      case 'lieSlice':
        if (message.kind === 'sum' && payload !== null) {
          altered = withPayload(message, scaled(payload, fault.args.factor));
        }
        break;
      case 'lieUpdate':
        if (message.kind === 'update' && payload !== null) {
          altered = withPayload(message, scaled(payload, 1.5));
        }
        break;
      case 'equivocate':
        if (to % 2 === 0 && payload !== null && message.kind !== 'whole') {
          altered = withPayload(message, scaled(payload, 1.25));
        }
        break;
      case 'stale':
        if (payload !== null) altered = stale(node, message, payload);
        break;
      case 'wrongLanguage':
        if (message.kind === 'sum') {
          altered = { message: { ...message, language: message.language + 1 }, payload };
        }
        break;
    }
  }
  return altered;
}

/** What was said of the same value at an earlier step; the step's own is remembered. */
function stale({ said }: SimNode, message: Message, payload: Uint8Array): Altered | undefined {
  if (message.kind !== 'sum' && message.kind !== 'update' && message.kind !== 'direction') return;
  const { kind, step, bucket } = message;
  const place = kind === 'sum' ? ` ${message.language}.${message.level}:${message.index}` : '';
  const name = `${kind} ${bucket}${place}`;
  const last = said.get(name);
  const earlier = last !== undefined && last.step < step ? last : said.get(`${name} before`);
  if (last !== undefined && last.step < step) said.set(`${name} before`, last);
  said.set(name, { step, payload: payload.slice() });
  return earlier === undefined ? undefined : withPayload(message, earlier.payload);
}

/** A message whose hash is that of another payload. */
function withPayload(message: Message, payload: Uint8Array): Altered {
  const hash = hashOf(payload);
  if (message.kind === 'update') return { message: { ...message, published: hash }, payload };
  if (message.kind === 'sum' || message.kind === 'direction') {
    return { message: { ...message, hash }, payload };
  }
  return { message, payload };
}

/** Every number times a factor, taken as f32; of other codecs it makes some other bytes. */
function scaled(payload: Uint8Array, factor: number): Uint8Array {
  const bytes = payload.slice();
  const values = new Float32Array(bytes.buffer, 0, bytes.length >> 2);
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * factor;
  return bytes;
}
