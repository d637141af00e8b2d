/**
 * One node's step in its parts, each timed by itself: the gradients of all languages, then what
 * becomes of them in every bucket, and the weights by every method on the same Gram matrices.
 */
import { availableParallelism } from 'node:os';
import { sliceKey } from '../../node/actor/index.ts';
import { Bulk } from '../../node/bulk/index.ts';
import { loadConfig } from '../../node/cli/config/index.ts';
import { type Job, openJob, openRunCompute } from '../../node/cli/job/index.ts';
import {
  type AggregatorConfig,
  aggregators,
  createAggregatorState,
  resolveGroup,
  runAggregatorSchema,
} from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';
import { median } from '../bench/example.ts';
import { cpuMilliseconds } from '../bench-resolve/cpu-time.ts';

export interface StepParts {
  readonly parameters: number;
  readonly buckets: number;
  readonly languages: number;
  readonly tokens: number;
  /** By part, in order. Milliseconds of a step. */
  readonly shared: Readonly<Record<string, number>>;
  /** All of it, by all threads. Milliseconds of processor time. */
  readonly processorMs: number;
  /** By method: to weigh all buckets. Milliseconds of processor time of a step. */
  readonly weighing: Readonly<Record<string, number>>;
}

/** Times of weighing are medians of so many, most of them compiled; other parts of all steps. */
const WEIGHINGS = 25;

/** `steps` steps with the mean, after one that warms up; medians. */
export async function timeParts(configPath: string, steps: number): Promise<StepParts> {
  const job = await openJob(await loadConfig(configPath, []));
  const compute = await openRunCompute(job, undefined, availableParallelism());
  const bulk = openBulk(job);
  const { layout, corpora, model } = job;
  for (const { index, start, length } of layout.buckets) {
    bulk.loadBase(index, model.values.slice(start, start + length));
  }
  const times: Record<string, number[]> = {};
  const processorMs: number[] = [];
  let grams: Float64Array[] = [];
  try {
    for (let step = 0; step <= steps; step++) {
      compute.setBuckets(
        layout.buckets.map(({ index }) => ({ bucket: index, values: bulk.published(step, index) })),
      );
      const note = (part: string, ms: number) => {
        if (step === 0) return;
        times[part] = [...(times[part] ?? []), ms];
      };
      const startedMs = cpuMilliseconds();
      const tokens = await gradients(job, compute, bulk, step, note);
      grams = resolveBuckets(bulk, layout.buckets.length, step, tokens, note);
      if (step > 0) processorMs.push(cpuMilliseconds() - startedMs);
    }
  } finally {
    await compute.close();
  }
  return {
    parameters: layout.totalLength,
    buckets: layout.buckets.length,
    languages: corpora.length,
    tokens: corpora[0]!.unit(0, 0).targets.length,
    shared: Object.fromEntries(Object.entries(times).map(([part, ms]) => [part, median(ms)])),
    processorMs: median(processorMs),
    weighing: Object.fromEntries(methods().map((config) => [config.name, weighMs(config, grams)])),
  };
}

function openBulk(job: Job): Bulk {
  const { config, layout, groups, corpora, runId } = job;
  return new Bulk({
    ...{ runId, steps: config.steps, languages: corpora.length, layout, groups },
    codec: config.wire.codec,
    aggregator: { name: 'mean', normalize: 'none' },
    optimizer: config.optimizer,
  });
}

type Note = (part: string, ms: number) => void;

/** Scored tokens by language. */
async function gradients(
  { corpora }: Job,
  compute: Awaited<ReturnType<typeof openRunCompute>>,
  bulk: Bulk,
  step: number,
  note: Note,
): Promise<number[]> {
  const tokens: number[] = [];
  let computing = 0;
  let keeping = 0;
  for (const [language, corpus] of corpora.entries()) {
    if (corpus === null) continue;
    const startedMs = performance.now();
    const unit = await compute.gradient(corpus.unit(step, 0), (slice) => {
      if (slice.outcome === 'absent') return;
      const keptMs = performance.now();
      const key = { step, language, unit: 0, bucket: slice.bucket, attempt: 0 };
      bulk.keepSlice(sliceKey(key), slice.values);
      keeping += performance.now() - keptMs;
    });
    computing += performance.now() - startedMs;
    tokens.push(unit.tokens);
  }
  // Slices are kept while the engine goes on, in another thread.
  note('gradients', computing);
  note('of which keeping slices (beside the engine)', keeping);
  return tokens;
}

function resolveBuckets(
  bulk: Bulk,
  buckets: number,
  step: number,
  tokens: readonly number[],
  note: Note,
): Float64Array[] {
  const grams: Float64Array[] = [];
  const spent = { gram: 0, weigh: 0, direct: 0, update: 0 };
  const timed = (effect: Parameters<Bulk['perform']>[0] & { kind: keyof typeof spent }) => {
    const startedMs = performance.now();
    const event = bulk.perform(effect);
    spent[effect.kind] += performance.now() - startedMs;
    return event;
  };
  for (let bucket = 0; bucket < buckets; bucket++) {
    const keys = tokens.map((_, language) =>
      sliceKey({ step, language, unit: 0, bucket, attempt: 0 }),
    );
    const rows = keys.map((key, language) => ({ key, tokens: tokens[language]! }));
    const found = timed({ kind: 'gram', step, bucket, rows });
    if (found?.kind !== 'gram') throw new Error(`a Gram matrix of bucket ${bucket} is missing`);
    grams.push(found.gram);
    const losses = tokens.map((count) => ({ tokens: count, lossSum: count }));
    const mask = new Uint8Array(tokens.length).fill(1);
    const group = {
      kind: 'weigh',
      step,
      group: bucket,
      grams: [found.gram],
      mask,
      losses,
    } as const;
    const weighed = timed(group);
    if (weighed?.kind !== 'weighed') throw new Error(`weights of bucket ${bucket} are missing`);
    timed({ kind: 'direct', step, bucket, rows, weights: weighed.weights });
    timed({ kind: 'update', step, bucket, squaredNorm: null });
    bulk.perform({ kind: 'drop', keys });
  }
  note('Gram matrices', spent.gram);
  note('directions', spent.direct);
  note('optimizer and hashes', spent.update);
  return grams;
}

/** All methods that a run can have as they stand, and that find weights. */
function methods(): AggregatorConfig[] {
  return aggregators.flatMap(({ name, fromRows }) => {
    const parsed = runAggregatorSchema.safeParse({ name });
    return parsed.success && fromRows === undefined ? [parsed.data] : [];
  });
}

function weighMs(config: AggregatorConfig, grams: readonly Float64Array[]): number {
  const m = Math.sqrt(grams[0]!.length);
  const mask = new Uint8Array(m).fill(1);
  const losses = new Float64Array(m).fill(1);
  const times = Array.from({ length: WEIGHINGS + 1 }, (_, time) => {
    const startedMs = cpuMilliseconds();
    grams.forEach((gram, group) => {
      const random = createStream('bench-step', time, group);
      const state = createAggregatorState(config, m);
      resolveGroup({ grams: [gram], mask, losses, random, state }, config);
    });
    return cpuMilliseconds() - startedMs;
  });
  return median(times.slice(1));
}
