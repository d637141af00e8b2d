/**
 * What nodes exchange of a step's conflicts: Gram parts of groups that span owners, the weights
 * that follow from them, and parts of the global norm. Each is the same bits whoever computed it.
 */
import { assert } from '../../protocol/assert.ts';
import { type Loss, packNumbers, packTriangle, type Resolution } from '../../protocol/messages.ts';
import type { Context } from './context.ts';
import type { BucketGram, WeighedEvent } from './types.ts';

/** The conflict of one bucket. */
export interface GramPart {
  readonly present: Uint8Array;
  readonly gram: Float64Array;
  readonly losses: readonly Loss[];
}

export class Parts {
  readonly #context: Context;
  readonly #grams = new Map<number, GramPart>();
  readonly #norms = new Map<number, number>();
  readonly #weighed = new Map<number, WeighedEvent>();
  readonly #weighing = new Set<number>();
  #squaredNorm: number | null = null;

  constructor(context: Context) {
    this.#context = context;
  }

  hasGram(bucket: number): boolean {
    return this.#grams.has(bucket);
  }

  get gramCount(): number {
    return this.#grams.size;
  }

  addGram(bucket: number, part: GramPart): void {
    this.#grams.set(bucket, part);
  }

  /** Asks for the weights of a group once all its parts are here. */
  weigh(group: number): void {
    if (this.#weighing.has(group)) return;
    if (this.#context.sourcesOf(group).some((bucket) => !this.#grams.has(bucket))) return;
    this.#weighing.add(group);
    const known = this.#context.groups[group]!.map((bucket) => this.#grams.get(bucket)!);
    const { languages } = this.#context.options;
    const mask = Uint8Array.from(languages, (_, l) =>
      known.some(({ present }) => present[l]) ? 1 : 0,
    );
    const grams = known.map(({ gram }) => gram);
    const losses = known[0]!.losses;
    const { step } = this.#context;
    const all = this.#context.options.needsAllGrams === true ? { all: this.#allGrams() } : {};
    this.#context.emit({ kind: 'weigh', step, group, grams, mask, losses, ...all });
  }

  #allGrams(): BucketGram[] {
    return this.#context.buckets.map((bucket) => {
      const { gram, present } = this.#grams.get(bucket)!;
      return { gram, mask: present };
    });
  }

  addWeights(event: WeighedEvent): void {
    this.#weighed.set(event.group, event);
  }

  weights(bucket: number): WeighedEvent | undefined {
    return this.#weighed.get(this.#context.groupOf[bucket]!);
  }

  hasNorm(bucket: number): boolean {
    return this.#norms.has(bucket);
  }

  addNorm(bucket: number, squaredNorm: number): void {
    this.#norms.set(bucket, squaredNorm);
  }

  /** The squared global norm, as somebody found it who had all parts. */
  setSquaredNorm(squaredNorm: number): void {
    this.#squaredNorm = squaredNorm;
  }

  /** The squared global norm, added up in bucket order; null while a part is missing. */
  get squaredNorm(): number | null {
    if (this.#squaredNorm === null && this.#norms.size === this.#context.bucketCount) {
      const { buckets } = this.#context;
      this.#squaredNorm = buckets.reduce((sum, bucket) => sum + this.#norms.get(bucket)!, 0);
    }
    return this.#squaredNorm;
  }

  /** How a bucket's conflict was resolved, for everybody's logs. */
  resolution(bucket: number): Resolution {
    const part = this.#grams.get(bucket);
    const weighed = this.weights(bucket);
    assert(part !== undefined && weighed !== undefined, `bucket ${bucket} is resolved`);
    assert(part.present.length === weighed.weights.length, 'one weight a language');
    return {
      present: part.present,
      gram: packTriangle(part.gram, part.present.length),
      weights: packNumbers(weighed.weights),
      gapRelative: weighed.gapRelative,
      converged: weighed.converged,
      squaredNorm: this.#context.options.clips ? this.squaredNorm : null,
      losses: part.losses.map((loss) => ({ ...loss })),
    };
  }
}
