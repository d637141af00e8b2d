/** Following a bucket's owner: the same optimizer step from the direction that it found. */
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
  if (key !== null) context.emit({ kind: 'follow', key, step, bucket });
  outbox.remember(message, key === null ? null : directionKey(step, bucket));
  context.emit({ kind: 'setState', step: step + 1, group, state: unpackNumbers(state) });
  if (key === null) context.emit({ kind: 'keep', step, bucket });
  else context.emit({ kind: 'update', step, bucket, squaredNorm });
}
