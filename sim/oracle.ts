/**
 * The oracle: a run as one plain loop in one process, to be checked by reading. It shares no code with
 * the actor, its placement or its reduction; whatever they do must end in these bits.
 */
import { aggregatorHash, isFinite32, quotientRow } from '../node/bulk/index.ts';
import {
  clipScale,
  createState,
  learningRateAt,
  type OptimizerConfig,
  step as optimizerStep,
  squaredNorm,
  stateBytes,
} from '../node/optim/index.ts';
import {
  type Aggregator,
  type AggregatorConfig,
  combine,
  createAggregatorState,
  gramOfRows,
  resolveGroup,
} from '../node/resolve/index.ts';
import { type BucketLayout, type GroupBy, resolutionGroups } from '../protocol/buckets.ts';
import { type CodecName, encode, roundTrip } from '../protocol/codecs.ts';
import { firstRoot, hashOf, nextRoot, valueHash } from '../protocol/hashes.ts';
import { createStream } from '../protocol/random.ts';

/** A unit's gradient: by bucket numbers, or null where the bucket is absent. */
export interface OracleUnit {
  readonly tokens: number;
  readonly lossSum: number;
  readonly slices: readonly (Float32Array | null)[];
}

/** Everything that determines a run. */
export interface OracleRun {
  readonly runId: string;
  readonly numericsClass: string;
  readonly steps: number;
  readonly unitsByLanguage: readonly number[];
  readonly layout: BucketLayout;
  readonly groups: GroupBy;
  readonly codec: CodecName;
  readonly aggregator: AggregatorConfig;
  readonly optimizer: OptimizerConfig;
  readonly ownAggregators?: readonly Aggregator[];
  /** All parameters of the base, in order. */
  readonly base: Float32Array;
  /** Gradient of a unit at the published parameters. */
  gradient(
    parameters: Float32Array,
    step: number,
    language: number,
    unit: number,
  ): Promise<OracleUnit>;
}

export interface OracleStep {
  readonly root: string;
  /** By language: mean −ln p per token, NaN without tokens. */
  readonly losses: readonly number[];
}

/** root(0) and, after every step, its root and losses; the last step's parameters. */
export async function runOracle(
  run: OracleRun,
): Promise<{ steps: OracleStep[]; parameters: Float32Array }> {
  const { layout, codec, optimizer, unitsByLanguage } = run;
  const m = unitsByLanguage.length;
  const groups = resolutionGroups(layout, run.groups);
  const masters: Float32Array[] = layout.buckets.map(({ start, length }) =>
    run.base.slice(start, start + length),
  );
  const states = masters.map(({ length }) => createState(optimizer, length));
  const groupStates = groups.map(() =>
    createAggregatorState(run.aggregator, m, run.ownAggregators),
  );
  const parameters = new Float32Array(layout.totalLength);

  const publish = () => {
    const hashes = masters.map((master, b) => {
      const published = master.slice();
      roundTrip(codec, published);
      parameters.set(published, layout.buckets[b]!.start);
      const group = groups.findIndex((buckets) => buckets.includes(b));
      return valueHash({
        published: hashOf(encode(codec, published)),
        optimizer: hashOf(encode('f32', master), ...stateBytes(states[b]!)),
        aggregator: aggregatorHash(groupStates[group]!),
      });
    });
    return hashes;
  };

  let root = firstRoot(run.runId, run.numericsClass, publish());
  const steps: OracleStep[] = [{ root, losses: [] }];
  for (let s = 0; s < run.steps; s++) {
    // Rows: each language's units added along the fixed tree, divided by its tokens.
    const languages: OracleUnit[] = [];
    for (let l = 0; l < m; l++) languages.push(await languageSum(run, parameters, s, l));
    const rows = layout.buckets.map((_, b) =>
      languages.map(({ slices, tokens }) => {
        const sum = slices[b] ?? null;
        return sum !== null && isFinite32(sum) ? quotientRow(sum, tokens) : null;
      }),
    );
    const losses = languages.map(({ tokens, lossSum }) =>
      tokens === 0 ? Number.NaN : lossSum / tokens,
    );

    // Weights per group, then a direction per bucket.
    const directions: Float32Array[] = [];
    groups.forEach((buckets, group) => {
      const mask = Uint8Array.from({ length: m }, (_, l) =>
        buckets.some((b) => rows[b]![l]) ? 1 : 0,
      );
      const { weights, state } = resolveGroup(
        {
          grams: buckets.map((b) => gramOfRows(rows[b]!)),
          mask,
          losses: Float64Array.from(losses),
          random: createStream('resolve', run.runId, s, group),
          state: groupStates[group]!,
        },
        run.aggregator,
        run.ownAggregators,
      );
      groupStates[group] = state;
      for (const b of buckets) {
        const direction = new Float32Array(layout.buckets[b]!.length);
        combine(rows[b]!, weights, direction);
        roundTrip(codec, direction);
        directions[b] = direction;
      }
    });

    // The optimizer; a bucket without a row keeps parameters and state.
    const norm = directions.reduce((sum, direction) => sum + squaredNorm(direction), 0);
    const scale = optimizer.clipNorm === null ? 1 : clipScale(norm, optimizer.clipNorm);
    const learningRate = learningRateAt(optimizer, s, run.steps);
    directions.forEach((direction, b) => {
      if (rows[b]!.every((row) => row === null)) return;
      const input = { master: masters[b]!, state: states[b]!, direction, learningRate, scale };
      const next = optimizerStep(optimizer, input);
      masters[b] = next.master;
      states[b] = next.state;
    });
    root = nextRoot(root, publish());
    steps.push({ root, losses });
  }
  return { steps, parameters };
}

/** A language's sum over its units: halves added recursively, the left half a power of two. */
async function languageSum(
  run: OracleRun,
  parameters: Float32Array,
  step: number,
  language: number,
): Promise<OracleUnit> {
  const units = run.unitsByLanguage[language]!;
  const sumOf = async (first: number, last: number): Promise<OracleUnit> => {
    if (last - first === 1) {
      const unit = await run.gradient(parameters, step, language, first);
      for (const slice of unit.slices) if (slice !== null) roundTrip(run.codec, slice);
      return unit;
    }
    let half = 1;
    while (half * 2 < last - first) half *= 2;
    const left = await sumOf(first, first + half);
    const right = await sumOf(first + half, last);
    const slices = left.slices.map((slice, b) => addSlices(run.codec, slice, right.slices[b]!));
    return { tokens: left.tokens + right.tokens, lossSum: left.lossSum + right.lossSum, slices };
  };
  return sumOf(0, units);
}

/** Absent passes the other through; a number that is not finite stays in the sum and shows there. */
function addSlices(
  codec: CodecName,
  left: Float32Array | null,
  right: Float32Array | null,
): Float32Array | null {
  if (left === null || right === null) return left ?? right;
  if (!isFinite32(left) || !isFinite32(right))
    return new Float32Array(left.length).fill(Number.NaN);
  const sum = left.map((value, i) => value + right[i]!);
  roundTrip(codec, sum);
  return sum;
}
