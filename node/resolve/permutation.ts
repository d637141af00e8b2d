/** Orders drawn from a labelled stream. */
import type { RandomStream } from '../../protocol/random.ts';

/** A uniform permutation of 0 … n − 1, by Fisher and Yates. */
export function permutation(stream: RandomStream, n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = stream.nextBelow(i + 1);
    const moved = order[i]!;
    order[i] = order[j]!;
    order[j] = moved;
  }
  return order;
}
