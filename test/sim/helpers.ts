/** A tiny run, to be given to the oracle and to clusters alike. */

import { optimizerSchema } from '../../node/optim/index.ts';
import type { AggregatorConfig, StallPolicy } from '../../node/resolve/index.ts';
import { aggregatorSchemaWith, createAggregatorState } from '../../node/resolve/index.ts';
import { type GroupBy, layoutBuckets } from '../../protocol/buckets.ts';
import type { CodecName } from '../../protocol/codecs.ts';
import { hashOf } from '../../protocol/hashes.ts';
import {
  Cluster,
  type ClusterGradient,
  type ClusterOptions,
  type OracleRun,
  TINY_PARAMETERS,
  tinyGradient,
  tinyTokens,
  tinyValues,
  type Weather,
} from '../../sim/index.ts';
import { statefulAggregator } from '../helpers/stateful-aggregator.ts';

export interface TinyRun {
  readonly seed: number;
  readonly steps: number;
  readonly units: readonly number[];
  /** Its name, or that and its options. */
  readonly aggregator: string | Readonly<Record<string, unknown>>;
  readonly groups: GroupBy;
  readonly codec: CodecName;
  readonly clipNorm: number | null;
  readonly whenStalled?: StallPolicy;
  /** Units whose gradient is not finite, as `step.language.unit`. */
  readonly broken?: ReadonlySet<string>;
  /** Units without a scored token. */
  readonly empty?: ReadonlySet<string>;
}

const NUMERICS_CLASS = 'tiny';

function aggregatorOf({ aggregator }: TinyRun): AggregatorConfig {
  const given = typeof aggregator === 'string' ? { name: aggregator } : aggregator;
  return aggregatorSchemaWith([statefulAggregator]).parse(given);
}

const layout = layoutBuckets(TINY_PARAMETERS, 64);

function gradientOf(run: TinyRun): ClusterGradient {
  return (parameters, step, language, unit) => {
    const name = `${step}.${language}.${unit}`;
    const drawn = tinyTokens(run.seed, language, step, unit);
    const tokens = run.empty?.has(name) ? drawn.slice(0, 1) : drawn;
    const { gradient, touched, lossSum, tokens: scored } = tinyGradient(parameters, tokens);
    const slices = layout.buckets.map(({ start, length }) => {
      const isAbsent =
        scored === 0 || touched.subarray(start, start + length).every((t) => t === 0);
      const slice = gradient.slice(start, start + length);
      if (run.broken?.has(name) && !isAbsent) slice[0] = Number.POSITIVE_INFINITY;
      return isAbsent ? null : slice;
    });
    return { tokens: scored, lossSum, slices };
  };
}

const optimizerOf = ({ clipNorm }: TinyRun) =>
  optimizerSchema.parse({
    name: 'adamw',
    learningRate: 0.05,
    schedule: 'cosine',
    warmupSteps: 2,
    clipNorm,
  });

/** The run as the oracle takes it. */
export function oracleRun(run: TinyRun): OracleRun {
  return {
    runId: hashOf('tiny run', String(run.seed)),
    numericsClass: NUMERICS_CLASS,
    steps: run.steps,
    unitsByLanguage: run.units,
    layout,
    groups: run.groups,
    codec: run.codec,
    aggregator: aggregatorOf(run),
    whenStalled: run.whenStalled ?? 'report',
    optimizer: optimizerOf(run),
    ownAggregators: [statefulAggregator],
    base: tinyValues(run.seed),
    gradient: async (...unit) => gradientOf(run)(...unit),
  };
}

/** The same run on nodes in memory. */
export function clusterOf(
  run: TinyRun,
  nodes: number,
  weather: Weather,
  options: Pick<ClusterOptions, 'held' | 'resume'> & {
    gradient?: (inner: ClusterGradient) => ClusterGradient;
    checkpointEverySteps?: number;
    redundancy?: number;
  } = {},
): Cluster {
  const { runId, numericsClass, aggregator, optimizer, base } = oracleRun(run);
  return new Cluster({
    seed: run.seed,
    nodes: Array.from({ length: nodes }, (_, i) => `node-${i}`),
    actor: {
      runId,
      numericsClass,
      steps: run.steps,
      languages: run.units.map((unitsPerStep, l) => ({ id: `language-${l}`, unitsPerStep })),
      layout,
      groups: run.groups,
      stateLength: createAggregatorState(aggregator, run.units.length, [statefulAggregator]).length,
      clips: run.clipNorm !== null,
      needsAllGrams: (run.whenStalled ?? 'report') !== 'report',
      checkpointEverySteps: options.checkpointEverySteps ?? null,
      redundancy: options.redundancy ?? 2,
    },
    bulk: {
      runId,
      steps: run.steps,
      languages: run.units.length,
      layout,
      groups: run.groups,
      codec: run.codec,
      aggregator,
      whenStalled: run.whenStalled ?? 'report',
      optimizer,
      ownAggregators: [statefulAggregator],
    },
    base,
    gradient: options.gradient?.(gradientOf(run)) ?? gradientOf(run),
    weather,
    ...(options.held && { held: options.held }),
    ...(options.resume && { resume: options.resume }),
  });
}
