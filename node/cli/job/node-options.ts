/** What a job means for the actor and for the numbers in bulk; all nodes of a run agree on it. */
import type { NodeOptions } from '../../runtime/index.ts';
import type { Job } from './open-job.ts';

/** `own` is what only this node says of itself. */
export function nodeOptionsOf(
  { config, manifest, runId, layout, groups, corpora, loaded }: Job,
  own: Pick<NodeOptions['actor'], 'self' | 'numericsClass' | 'incarnation'>,
): Pick<NodeOptions, 'actor' | 'bulk'> {
  const { steps, aggregator, optimizer, network, output, wire, whenStalled } = config;
  const run = { runId, steps, layout, groups };
  const { own: module } = loaded;
  return {
    actor: {
      ...run,
      ...own,
      redundancy: network.redundancy,
      languages: manifest.languages.map(({ id, unitsPerStep }) => ({ id, unitsPerStep })),
      clips: optimizer.clipNorm !== null,
      needsAllGrams: whenStalled !== 'report',
      checkpointEverySteps: output.checkpointEverySteps,
    },
    bulk: {
      ...run,
      ...{ languages: corpora.length, codec: wire.codec, aggregator, optimizer, whenStalled },
      // An own aggregator's module is imported by the thread itself.
      ...(module && { aggregatorModule: { path: module.path, sha256: module.sha256 } }),
    },
  };
}
