/**
 * Clipping by the global norm. Each owner gives Σ d² of its buckets, the parts are added in bucket
 * order, and every owner finds the same factor; nobody needs the full gradient.
 */
import { assert } from '../../protocol/assert.ts';

/** Σ d² in float64, from the first element to the last. Not finite where d isn't. */
export function squaredNorm(direction: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < direction.length; i++) sum += direction[i]! * direction[i]!;
  return sum;
}

/**
 * What every d is multiplied by: clipNorm / ‖d‖ where ‖d‖ > clipNorm, else exactly 1 (so a norm
 * within the bound changes no bit). PyTorch's clip_grad_norm_ adds 1e-6 to ‖d‖; here nothing is
 * added. NaN where the squared norm isn't finite, so that the update shows it.
 */
export function clipScale(globalSquaredNorm: number, clipNorm: number | null): number {
  if (clipNorm === null) return 1;
  assert(clipNorm > 0, `clipNorm is ${clipNorm}`);
  if (!Number.isFinite(globalSquaredNorm)) return Number.NaN;
  const norm = Math.sqrt(globalSquaredNorm);
  return norm > clipNorm ? clipNorm / norm : 1;
}
