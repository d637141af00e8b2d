/** What a job means for the actor and for the numbers in bulk; all nodes of a run agree on it. */
import { createAggregatorState } from '../../resolve/index.ts';
import type { NodeOptions } from '../../runtime/index.ts';
import type { Job } from './open-job.ts';

/** `own` is what only this node says of itself. */
export function nodeOptionsOf(
  { config, manifest, runId, layout, groups, corpora, loaded }: Job,
  own: Pick<NodeOptions['actor'], 'self' | 'numericsClass' | 'incarnation'> & {
    /** What no other node knows. */
    readonly secret: string;
  },
): Pick<NodeOptions, 'actor' | 'bulk'> {
  const { steps, aggregator, optimizer, network, output, wire, whenStalled } = config;
  const run = { runId, steps, layout, groups };
  const { own: module } = loaded;
  const { secret, ...known } = own;
  const aggregators = module === undefined ? [] : [module.aggregator];
  return {
    actor: {
      ...run,
      ...known,
      audit: { rate: config.audit.rate, secret },
      redundancy: network.redundancy,
      languages: manifest.languages.map(({ id, unitsPerStep }) => {
        const at = config.data.at[id]?.nodes;
        return { id, unitsPerStep, ...(at && { at }) };
      }),
      lacks: corpora.flatMap((corpus, language) => (corpus === null ? [language] : [])),
      stateLength: createAggregatorState(aggregator, corpora.length, aggregators).length,
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
