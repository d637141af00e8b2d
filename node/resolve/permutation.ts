/** Orders drawn from a labelled stream. */
import type { RandomStream } from '../../protocol/random.ts';

/** A uniform permutation of 0 … n − 1, by Fisher and Yates. */
export function permutation(stream: RandomStream, n: number): Uint16Array {
  const order = new Uint16Array(n);
  permute(stream, order);
  return order;
}

/** The same in memory that is there: whatever it held. */
export function permute(stream: RandomStream, order: Uint16Array): void {
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (let i = order.length - 1; i > 0; i--) {
    const j = stream.nextBelow(i + 1);
    const moved = order[i]!;
    order[i] = order[j]!;
    order[j] = moved;
  }
}
