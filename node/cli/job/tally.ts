/** Sums over the steps of a run, for its report; a resumed run reads the first steps from disk. */
import { z } from 'zod';
import type { Report } from '../output/index.ts';

/** What of a row of metrics.jsonl is summed up. */
const rowSchema = z.object({
  current_steps: z.number().int().positive(),
  /** Of which run it is, and the root; older versions wrote no run. */
  runId: z.string().optional(),
  root: z.string().optional(),
  languageTokens: z.record(z.string(), z.number().int().nonnegative()),
  conflicts: z.object({
    bucketSteps: z.number(),
    conflicting: z.number(),
    pairs: z.array(z.object({ a: z.string(), b: z.string(), meanCosine: z.number() })),
  }),
  certificates: z.object({
    gapRelativeMax: z.number().nullable(),
    residualBucket: z.number(),
    residualGlobal: z.number(),
    stalled: z.boolean(),
    /** Older versions did not say. */
    unsolved: z.number().optional(),
    harmed: z.number().optional(),
  }),
});

export type TalliedStep = Readonly<z.infer<typeof rowSchema>>;

/** A row of metrics.jsonl as the tally takes it; undefined where it is no such row. */
export function parseRow(line: string): TalliedStep | undefined {
  try {
    const parsed = rowSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export class Tally {
  readonly #tokens = new Map<string, number>();
  readonly #pairs = new Map<string, { a: string; b: string; sum: number; steps: number }>();
  #steps = 0;
  #bucketSteps = 0;
  #conflicting = 0;
  #gapRelativeMax: number | null = null;
  #residuals = { residualBucket: 0, residualGlobal: 0 };
  #stalledSteps = 0;
  #unsolved = 0;
  #harmed = 0;

  add({ languageTokens, conflicts, certificates }: TalliedStep): void {
    for (const [language, tokens] of Object.entries(languageTokens)) {
      this.#tokens.set(language, this.tokensOf(language) + tokens);
    }
    this.#steps++;
    this.#bucketSteps += conflicts.bucketSteps;
    this.#conflicting += conflicts.conflicting;
    for (const { a, b, meanCosine } of conflicts.pairs) {
      const key = `${a} ${b}`;
      const pair = this.#pairs.get(key) ?? { a, b, sum: 0, steps: 0 };
      this.#pairs.set(key, { a, b, sum: pair.sum + meanCosine, steps: pair.steps + 1 });
    }
    const { gapRelativeMax, residualBucket, residualGlobal, stalled } = certificates;
    if (gapRelativeMax !== null) {
      this.#gapRelativeMax = Math.max(this.#gapRelativeMax ?? 0, gapRelativeMax);
    }
    this.#residuals = { residualBucket, residualGlobal };
    if (stalled) this.#stalledSteps++;
    this.#unsolved += certificates.unsolved ?? 0;
    this.#harmed += certificates.harmed ?? 0;
  }

  /** Scored tokens of a language so far. */
  tokensOf(language: string): number {
    return this.#tokens.get(language) ?? 0;
  }

  get totalTokens(): number {
    return [...this.#tokens.values()].reduce((a, b) => a + b, 0);
  }

  /** A pair's cosine is the mean over the steps in which it conflicted somewhere. */
  get conflicts(): Report['conflicts'] {
    const pairs = [...this.#pairs.values()]
      .map(({ a, b, sum, steps }) => ({ a, b, meanCosine: sum / steps }))
      .sort((one, other) => one.meanCosine - other.meanCosine);
    const [steps, bucketSteps, conflicting] = [this.#steps, this.#bucketSteps, this.#conflicting];
    return { steps, bucketSteps, conflicting, pairs };
  }

  get certificates(): Omit<Report['certificates'], 'whenStalled'> {
    return {
      gapRelativeMax: this.#gapRelativeMax,
      ...this.#residuals,
      stalledSteps: this.#stalledSteps,
      unsolved: this.#unsolved,
      harmed: this.#harmed,
    };
  }
}
