/** Scores in the languages of a job, by one engine that stays open over several models. */
import { type Compute, type EngineName, openCompute } from '../../compute/index.ts';
import { evaluateLanguages } from '../evaluation.ts';
import type { EvaluatedLanguage } from '../output/index.ts';
import type { Job } from './open-job.ts';

export class Scorer {
  readonly compute: Compute;
  readonly #job: Job;

  constructor(job: Job, compute: Compute) {
    this.#job = job;
    this.compute = compute;
  }

  /** `values` are all parameters in order; they are copied. */
  async score(values: Float32Array): Promise<EvaluatedLanguage[]> {
    const { layout, model, evaluations, config } = this.#job;
    this.compute.setBuckets(
      layout.buckets.map(({ index, start, length }) => {
        return { bucket: index, values: values.slice(start, start + length) };
      }),
    );
    return await evaluateLanguages({
      compute: this.compute,
      tokenizer: model.tokenizer,
      languages: evaluations,
      unitSequences: config.data.unitSequences,
      sequenceLength: config.model.sequenceLength,
    });
  }

  async close(): Promise<void> {
    await this.compute.close();
  }
}

/** Opens an engine with the run's programs. Throws an EngineUnavailableError. */
export async function openRunCompute(
  { model, layout, config }: Job,
  engine: EngineName | undefined,
  threads: number,
): Promise<Compute> {
  return await openCompute({
    ...(engine === undefined ? {} : { engine }),
    threads,
    config: model.config,
    layout,
    unitSequences: config.data.unitSequences,
    sequenceLength: config.model.sequenceLength,
  });
}

/** To be closed. Throws an EngineUnavailableError. */
export async function openScorer(
  job: Job,
  engine: EngineName | undefined,
  threads: number,
): Promise<Scorer> {
  return new Scorer(job, await openRunCompute(job, engine, threads));
}
