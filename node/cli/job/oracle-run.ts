/** A job as the oracle takes it: one plain loop in this process that every run must agree with. */
import { defined } from '../../../protocol/assert.ts';
import type { OracleRun } from '../../../sim/index.ts';
import type { Compute } from '../../compute/index.ts';
import type { Job } from './open-job.ts';

/** `compute` is of the run's programs, and is the oracle's while it runs. */
export function oracleRunOf(job: Job, compute: Compute): OracleRun {
  const { config, manifest, layout, corpora, model, runId } = job;
  const { own } = job.loaded;
  let loaded = -1;
  return {
    runId,
    numericsClass: compute.numericsClass,
    steps: config.steps,
    unitsByLanguage: manifest.languages.map(({ unitsPerStep }) => unitsPerStep),
    layout,
    groups: job.groups,
    codec: config.wire.codec,
    aggregator: config.aggregator,
    whenStalled: config.whenStalled,
    optimizer: config.optimizer,
    ...(own && { ownAggregators: [own.aggregator] }),
    base: model.values,
    gradient: async (parameters, step, language, unit) => {
      if (step !== loaded) {
        loaded = step;
        compute.setBuckets(
          layout.buckets.map(({ index, start, length }) => {
            return { bucket: index, values: parameters.slice(start, start + length) };
          }),
        );
      }
      const slices: (Float32Array | null)[] = layout.buckets.map(() => null);
      const result = await compute.gradient(
        defined(corpora[language], 'text of a language').unit(step, unit),
        (slice) => {
          slices[slice.bucket] = slice.outcome === 'tensor' ? slice.values : null;
        },
      );
      return { ...result, slices };
    },
  };
}
