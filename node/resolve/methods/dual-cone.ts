/** DualProj and UPGrad: projections onto the cone of directions that harm nobody. */
import { z } from 'zod';
import { DoubledProducts } from '../doubled.ts';
import { type DualCone, DualConeSolver } from '../dual-cone.ts';
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
    for (let i = 0; i < k; i++) cone.addProjected(i, preference[i]!, weights);
    return weighedOf(input, present, weights, cone.solution);
  },
};

/**
 * What rounding may be of a gap, as a share of ‖d‖², for the sums that the solver has anyway;
 * beyond, all is added up anew in twice the digits.
 */
const KNOWN = 2 ** -32;
/** Rounding of a sum of k products with cosines, as a share of sizes: k + this, times 2⁻⁵². */
const ROUNDING_EXTRA = 8;

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
    const weights = u.map((value, i) => {
      const z = answer.added[i]!;
      return z === 0 ? value : value + z * (longest / norms[i]!);
    });
    this.#note(answer, this.#gapOf(weights, u));
    return weights;
  }

  /** Adds `share` times the projection of row i to the weights. */
  addProjected(i: number, share: number, weights: Float64Array): void {
    const norms = this.#norms;
    weights[i]! += share;
    if (share === 0 || norms[i] === 0) return;
    const answer = this.#solver.projectRow(i);
    const added = (j: number) => share * (answer.added[j]! * (norms[i]! / norms[j]!));
    for (let j = 0; j < this.#k; j++) if (answer.added[j] !== 0) weights[j]! += added(j);
    const unit = share * norms[i]!;
    const known = this.#knownGap(answer, answer.inner[i]!);
    this.#note(answer, known === null ? this.#gapOfRow(i, share, added) : known * unit * unit);
  }

  #note({ iterations, converged }: DualCone, gap: number): void {
    this.#gap += gap;
    this.#iterations += iterations;
    this.#converged &&= converged;
  }

  #gapOfRow(i: number, share: number, added: (j: number) => number): number {
    const u = new Float64Array(this.#k);
    u[i] = share;
    return this.#gapOf(
      u.map((value, j) => (this.#norms[j] === 0 ? value : value + added(j))),
      u,
    );
  }

  /**
   * What is wrong with weights: Σ (vᵢ − uᵢ)|yᵢ| + Σ vᵢ‖gᵢ‖·maxᵢ(−yᵢ/‖gᵢ‖)₊ with y = Gv, 0 only for
   * the projection.
   */
  #gapOf(v: Float64Array, u: Float64Array): number {
    const products = new DoubledProducts(this.#gram, this.#k, v);
    let apart = 0;
    let size = 0;
    let harm = 0;
    this.#norms.forEach((norm, i) => {
      const inner = products.inner(i);
      apart += (v[i]! - u[i]!) * Math.abs(inner);
      size += v[i]! * norm;
      if (norm > 0) harm = Math.max(harm, -inner / norm);
    });
    return apart + size * harm;
  }

  /**
   * The same of a unit row's projection by the solver's own sums; null where their rounding is more
   * than a share of `square`, ‖d‖², which those of projections together are no less than.
   */
  #knownGap({ added, inner }: DualCone, square: number): number | null {
    let apart = 0;
    let size = 1;
    let harm = 0;
    for (let i = 0; i < this.#k; i++) {
      apart += added[i]! * Math.abs(inner[i]!);
      size += added[i]!;
      harm = Math.max(harm, -inner[i]!);
    }
    const rounding = 2 * (this.#k + ROUNDING_EXTRA) * 2 ** -52 * size * size;
    return rounding <= KNOWN * square ? apart + size * harm : null;
  }
}
