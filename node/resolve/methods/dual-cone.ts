/** DualProj and UPGrad: projections onto the cone of directions that harm nobody. */
import { z } from 'zod';
import { DualConeSolver } from '../dual-cone.ts';
import { cosinesOf, normsOf } from '../normalize.ts';
import { preferenceOf, presentOf, weighedOf } from '../present.ts';
import type { Aggregator, Solution } from '../types.ts';

export const dualproj: Aggregator = {
  name: 'dualproj',
  doc: `d is the direction nearest to Aᵀu that harms nobody, u the preference, 1/k each by
default (the projection of GEM, Lopez-Paz and Ranzato, NeurIPS 2017, of the mean): w = argmin
vᵀGv over v ≥ u. Where the mean harms nobody it is the mean. Solved exactly, by an active set.
TorchJD adds 1e-4 to the diagonal of G divided by its trace, which moves w in the fourth digit,
and takes G as zero where the trace is below 1e-4.`,
  schema: z.strictObject({}),
  normalizeDefault: 'none',
  cost: 'O(k²) a language that the mean harms',
  usesPreference: true,
  stateLength: () => 0,
  weigh(input) {
    const present = presentOf(input);
    const cone = new Cone(present.gram, present.k);
    const weights = cone.project(preferenceOf(input, present, 1 / present.k));
    return weighedOf(input, present, weights, cone.solution);
  },
};

export const upgrad: Aggregator = {
  name: 'upgrad',
  doc: `d = Σ uᵢ times the direction nearest to gᵢ that harms nobody (Quinton and Rey, Jacobian
descent, 2024), u the preference, 1/k each by default: k projections as that of dualproj. d
harms nobody, and each language's share in it grows with the length of its gradient. Solved
exactly, by an active set. TorchJD, whose default it is, adds 1e-4 to the diagonal of G divided
by its trace, which moves w in the fourth digit, and takes G as zero where the trace is below
1e-4.`,
  schema: z.strictObject({}),
  normalizeDefault: 'none',
  cost: 'O(k³) for each language that another harms',
  usesPreference: true,
  stateLength: () => 0,
  weigh(input) {
    const present = presentOf(input);
    const { k } = present;
    const preference = preferenceOf(input, present, 1 / k);
    const cone = new Cone(present.gram, k);
    const weights = new Float64Array(k);
    for (let i = 0; i < k; i++) {
      if (preference[i] === 0) continue;
      const alone = new Float64Array(k);
      alone[i] = preference[i]!;
      const projected = cone.project(alone);
      for (let j = 0; j < k; j++) weights[j]! += projected[j]!;
    }
    return weighedOf(input, present, weights, cone.solution);
  },
};

/** Projections with one Gram matrix, and how well they were solved together. */
class Cone {
  readonly #gram: Float64Array;
  readonly #k: number;
  readonly #norms: Float64Array;
  readonly #solver: DualConeSolver;
  #gap = 0;
  #iterations = 0;
  #converged = true;

  constructor(gram: Float64Array, k: number) {
    this.#gram = gram;
    this.#k = k;
    this.#norms = normsOf(gram, k);
    this.#solver = new DualConeSolver(cosinesOf(gram, k), k);
  }

  get solution(): Solution {
    const [gap, iterations, converged] = [this.#gap, this.#iterations, this.#converged];
    return { problem: 'dual-cone', gap, iterations, converged };
  }

  /** v ≥ u of least vᵀGv. */
  project(u: Float64Array): Float64Array {
    const norms = this.#norms;
    const longest = norms.reduce((a, b) => Math.max(a, b));
    const lengths = u.map((value, i) => (longest === 0 ? 0 : value * (norms[i]! / longest)));
    const answer = this.#solver.project(lengths);
    const added = answer.added.map((z, i) => (z === 0 ? 0 : z * (longest / norms[i]!)));
    const v = u.map((value, i) => value + added[i]!);
    this.#gap += this.#residual(v, added);
    this.#iterations += answer.iterations;
    this.#converged &&= answer.converged;
    return v;
  }

  /** Σ zᵢ|yᵢ| + Σ vᵢ‖gᵢ‖·maxᵢ(−yᵢ/‖gᵢ‖)₊ with y = Gv: 0 only for the projection. */
  #residual(v: Float64Array, added: Float64Array): number {
    let apart = 0;
    let size = 0;
    let harm = 0;
    for (let i = 0; i < this.#k; i++) {
      if (this.#norms[i] === 0) continue;
      let inner = 0;
      for (let j = 0; j < this.#k; j++) inner += this.#gram[i * this.#k + j]! * v[j]!;
      apart += added[i]! * Math.abs(inner);
      size += v[i]! * this.#norms[i]!;
      harm = Math.max(harm, -inner / this.#norms[i]!);
    }
    return apart + size * harm;
  }
}
