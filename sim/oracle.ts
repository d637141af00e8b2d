/**
 * The oracle: a run as one plain loop in one process, to be checked by reading. It shares no code
 * with the actor, its placement or its reduction; whatever they do must end in these bits.
 */
import {
  clipScale,
  createState,
  learningRateAt,
  type OptimizerConfig,
  step as optimizerStep,
  type ShardState,
  squaredNorm,
  stateBytes,
} from '../node/optim/index.ts';
import {
  type Aggregator,
  type AggregatorConfig,
  addGrams,
  createAggregatorState,
  directionInto,
  gramOfRows,
  groupsAfterStall,
  resolveGroup,
  type StallPolicy,
} from '../node/resolve/index.ts';
import { type BucketLayout, type GroupBy, resolutionGroups } from '../protocol/buckets.ts';
import { type CodecName, encode, roundTrip } from '../protocol/codecs.ts';
import { firstRoot, hashOf, nextRoot, type ValueHashes, valueHash } from '../protocol/hashes.ts';
import { createStream } from '../protocol/random.ts';
import { allFinite, languageSum } from './oracle-sums.ts';

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
  /** What a step is resolved in that its groups stall; left out: in those groups all the same. */
  readonly whenStalled?: StallPolicy;
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
  readonly step: number;
  readonly root: string;
  /** By bucket: the hashes of its value. */
  readonly values: readonly ValueHashes[];
  /** By language: mean −ln p per token, NaN without tokens; empty where it was not computed. */
  readonly losses: readonly number[];
}

/** A step to begin at, as it was kept; its root follows from its values and the one before. */
export interface OracleStart {
  readonly step: number;
  /** root(step − 1); null at step 0. */
  readonly previousRoot: string | null;
  /** By bucket: full precision, and what the optimizer keeps. */
  readonly masters: readonly Float32Array[];
  readonly optimizer: readonly ShardState[];
  /** By resolution group: what the aggregator keeps. */
  readonly aggregator: readonly Float64Array[];
}

/** What a run holds: by bucket f32 masters and optimizer states, by group aggregator states. */
interface OracleState {
  readonly groups: readonly (readonly number[])[];
  readonly masters: Float32Array[];
  readonly optimizer: ShardState[];
  readonly aggregator: Float64Array[];
  /** Published: the masters with the codec applied. */
  readonly parameters: Float32Array;
}

/** By bucket and language: the gradient's row, or null where it is masked. */
type Rows = readonly (readonly (Float32Array | null)[])[];

/** All steps of a run, and the last one's parameters. */
export async function runOracle(
  run: OracleRun,
): Promise<{ steps: OracleStep[]; parameters: Float32Array }> {
  const steps: OracleStep[] = [];
  let parameters = run.base;
  for await (const step of oracleSteps(run)) {
    steps.push(step);
    parameters = step.parameters;
  }
  return { steps, parameters };
}

/**
 * The step where it starts, and every one after it, each once it is computed. `parameters` are good
 * until the next one is asked for.
 */
export async function* oracleSteps(
  run: OracleRun,
  start: OracleStart = firstStart(run),
): AsyncGenerator<OracleStep & { readonly parameters: Float32Array }> {
  const state = stateOf(run, start);
  const { parameters } = state;
  let values = publish(run, state);
  const hashes = values.map(valueHash);
  let root =
    start.previousRoot === null
      ? firstRoot(run.runId, run.numericsClass, hashes)
      : nextRoot(start.previousRoot, hashes);
  yield { step: start.step, root, values, losses: [], parameters };
  for (let s = start.step; s < run.steps; s++) {
    const sums: OracleUnit[] = [];
    for (const language of run.unitsByLanguage.keys()) {
      sums.push(await languageSum(run, parameters, s, language));
    }
    const losses = sums.map(({ tokens, lossSum }) =>
      tokens === 0 ? Number.NaN : lossSum / tokens,
    );
    const rows = run.layout.buckets.map((_, b) =>
      sums.map(({ slices, tokens }) => {
        const sum = slices[b] ?? null;
        return sum !== null && allFinite(sum) ? sum.map((value) => value / tokens) : null;
      }),
    );
    const directions = resolveGroups(run, state, s, rows, losses);
    optimize(run, state, s, rows, directions);
    values = publish(run, state);
    root = nextRoot(root, values.map(valueHash));
    yield { step: s + 1, root, values, losses, parameters };
  }
}

/** The base. */
function firstStart(run: OracleRun): OracleStart {
  const { layout, base, optimizer } = run;
  return {
    step: 0,
    previousRoot: null,
    masters: layout.buckets.map(({ start, length }) => base.slice(start, start + length)),
    optimizer: layout.buckets.map(({ length }) => createState(optimizer, length)),
    aggregator: resolutionGroups(layout, run.groups).map(() => firstState(run)),
  };
}

/** What an aggregator remembers before it was asked anything. */
const firstState = ({ aggregator, unitsByLanguage, ownAggregators }: OracleRun) =>
  createAggregatorState(aggregator, unitsByLanguage.length, ownAggregators);

/** In lists of its own; what the start holds is never changed in place. */
function stateOf({ layout, groups }: OracleRun, start: OracleStart): OracleState {
  return {
    groups: resolutionGroups(layout, groups),
    masters: [...start.masters],
    optimizer: [...start.optimizer],
    aggregator: [...start.aggregator],
    parameters: new Float32Array(layout.totalLength),
  };
}

/** Publishes the masters through the codec; the hashes of all values. */
function publish({ layout, codec }: OracleRun, state: OracleState): ValueHashes[] {
  return state.masters.map((master, b) => {
    const published = master.slice();
    roundTrip(codec, published);
    state.parameters.set(published, layout.buckets[b]!.start);
    const group = state.groups.findIndex((buckets) => buckets.includes(b));
    return {
      published: hashOf(encode(codec, published)),
      optimizer: hashOf(encode('f32', master), ...stateBytes(state.optimizer[b]!)),
      aggregator: hashOf(float64Bytes(state.aggregator[group]!)),
    };
  });
}

/**
 * Resolves every group: weights from its buckets' Gram matrices, then a direction per bucket. Where
 * the groups stall the step, coarser ones may take their place, which remember nothing.
 */
function resolveGroups(
  run: OracleRun,
  state: OracleState,
  step: number,
  rows: Rows,
  losses: readonly number[],
): Float32Array[] {
  const directions: Float32Array[] = [];
  const grams = rows.map(gramOfRows);
  const planned = state.groups.map((buckets) => {
    const present = losses.map((_, l) => buckets.some((b) => rows[b]![l]));
    const gram = addGrams(buckets.map((b) => grams[b]!));
    return { buckets, gram, mask: Uint8Array.from(present, Number) };
  });
  const groups = groupsAfterStall(run.whenStalled ?? 'report', planned);
  const isPlanned = groups === planned;
  groups.forEach(({ buckets, mask }, group) => {
    const resolved = resolveGroup(
      {
        grams: buckets.map((b) => grams[b]!),
        mask,
        losses: Float64Array.from(losses),
        random: isPlanned
          ? createStream('resolve', run.runId, step, group)
          : createStream('resolve stalled', run.runId, step, buckets[0]!),
        state: isPlanned ? state.aggregator[group]! : firstState(run),
      },
      run.aggregator,
      run.ownAggregators,
    );
    if (isPlanned) state.aggregator[group] = resolved.state;
    for (const b of buckets) {
      const direction = new Float32Array(run.layout.buckets[b]!.length);
      const random = () => createStream('rows', run.runId, step, b);
      const input = { rows: rows[b]!, weights: resolved.weights, random };
      directionInto(direction, input, run.aggregator, run.ownAggregators);
      roundTrip(run.codec, direction);
      directions[b] = direction;
    }
  });
  return directions;
}

/** The optimizer's step, clipped by the global norm; a bucket without a row keeps what it has. */
function optimize(
  { optimizer, steps }: OracleRun,
  state: OracleState,
  step: number,
  rows: Rows,
  directions: readonly Float32Array[],
): void {
  const norm = directions.reduce((sum, direction) => sum + squaredNorm(direction), 0);
  const scale = optimizer.clipNorm === null ? 1 : clipScale(norm, optimizer.clipNorm);
  const learningRate = learningRateAt(optimizer, step, steps);
  directions.forEach((direction, b) => {
    if (rows[b]!.every((row) => row === null)) return;
    const input = {
      master: state.masters[b]!,
      state: state.optimizer[b]!,
      direction,
      learningRate,
      scale,
    };
    const next = optimizerStep(optimizer, input);
    state.masters[b] = next.master;
    state.optimizer[b] = next.state;
  });
}

/** Little-endian, as all numbers that are hashed. */
function float64Bytes(values: Float64Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  values.forEach((value, i) => {
    view.setFloat64(i * 8, value, true);
  });
  return new Uint8Array(view.buffer);
}
