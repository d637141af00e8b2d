/** Following a bucket's owner: the same optimizer step from the direction that it found. */
import { hashOf } from '../../protocol/hashes.ts';
import { type MessageOf, unpackNumbers } from '../../protocol/messages.ts';
import type { ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';
import { directionKey } from './keys.ts';
import type { Outbox } from './outbox.ts';

/** Asks for the step; the payload is filed under `key`, null where the bucket keeps its value. */
export function follow(
  context: Context,
  outbox: Outbox,
  message: MessageOf<'direction'>,
  key: ValueKey | null,
): void {
  const { step, bucket, state, resolution } = message;
  const { squaredNorm } = resolution;
  const group = context.groupOf[bucket]!;
  context.noteState(step + 1, group, hashOf(state));
  if (key !== null) context.emit({ kind: 'follow', key, step, bucket });
  outbox.remember(message, key === null ? null : directionKey(step, bucket));
  context.emit({ kind: 'setState', step: step + 1, group, state: unpackNumbers(state) });
  if (key === null) context.emit({ kind: 'keep', step, bucket });
  else context.emit({ kind: 'update', step, bucket, squaredNorm });
}

/** Whether a direction of an earlier step leads from what this node had to what it had next. */
export function leadsTo(
  context: Context,
  { step, root, bucket, state, outcome }: MessageOf<'direction'>,
): boolean {
  const from = context.stoodAt(step);
  if (from?.root !== root) return false;
  const next = context.stoodAt(step + 1)?.values[bucket];
  if (next === undefined) return true;
  const { published, optimizer } = from.values[bucket]!;
  const isSame = published === next.published && optimizer === next.optimizer;
  return hashOf(state) === next.aggregator && (outcome === 'tensor' || isSame);
}

/** What was made of a bucket is not what its step has: only what is published may be right. */
export function keepPublished(context: Context, step: number, bucket: number): void {
  context.emit({ kind: 'unhold', step, bucket });
}
