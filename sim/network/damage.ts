/** How the bytes of a frame are damaged. Everything here is a pure function of its draws. */

import { FRAME_HEAD_BYTES } from '../../protocol/wire.ts';
import { type DrawKey, drawBelow, drawShare } from '../core/draws.ts';
import type { ActiveFault, LinkConditions, LinkFault } from './conditions.ts';
import type { WireFrame } from './frame.ts';

/** What a draw is for: the fault, the link and the frame's number on it. */
export interface FrameUse {
  readonly key: DrawKey;
  readonly link: number;
  readonly number: number;
}

type FaultKind = LinkFault['fault'];
type Of<Kind extends FaultKind> = Extract<LinkFault, { fault: Kind }>;

/** The fault of that kind that hits this frame, if one does. */
export function hits<
  Kind extends 'truncate' | 'flip' | 'payloadFlip' | 'duplicate' | 'reorder' | 'replay',
>(conditions: LinkConditions, kind: Kind, use: FrameUse): ActiveFault<Of<Kind>> | undefined {
  return conditions.faults.find((active): active is ActiveFault<Of<Kind>> => {
    const { fault, id } = active;
    if (fault.fault !== kind) return false;
    const { share } = fault.args as { share: number };
    return drawShare(use.key, id, use.link, use.number) < share;
  });
}

/** Whether a burst of frames is hit: `burst` frames in a row share their draw. */
export function hitsBurst(
  { id, fault }: ActiveFault<Of<'loss'> | Of<'drop'>>,
  { key, link, number }: FrameUse,
  attempt = 0,
): boolean {
  const { share, burst } = fault.args;
  return drawShare(key, id, link, Math.floor(number / burst), attempt + 1) < share;
}

/** The frame's bytes with one bit of a part flipped. */
export function flipped(frame: WireFrame, part: 'head' | 'header' | 'payload', use: FrameUse) {
  const bytes = frame.joined();
  const headerEnd = frame.chunks[0]!.length;
  const hasPayload = bytes.length > headerEnd;
  const [from, to] =
    part === 'head'
      ? [0, FRAME_HEAD_BYTES]
      : part === 'header' || !hasPayload
        ? [FRAME_HEAD_BYTES, headerEnd]
        : [headerEnd, bytes.length];
  const bit = drawBelow(use.key, (to - from) * 8, use.link, use.number, 7);
  const at = from + (bit >> 3);
  bytes[at] = bytes[at]! ^ (1 << (bit & 7));
  return bytes;
}

/** Bytes in pieces of 1 … `max`. */
export function* pieces(bytes: Uint8Array, max: number, use: FrameUse): Generator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const length = 1 + drawBelow(use.key, max, use.link, use.number, i);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
