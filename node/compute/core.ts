/**
 * The model on its engine, in whatever thread this runs: parameters, programs, and cutting
 * gradients into slices. Loads tfjs, so the main thread imports it only when told to compute there.
 */
import { assert } from '../../protocol/assert.ts';
import type { Bucket, ParameterSpec } from '../../protocol/buckets.ts';
import { freeMemory } from '../../protocol/memory.ts';
import { createDecoder } from '../model/decoder/index.ts';
import { type BucketMap, mapBuckets } from './bucket-map.ts';
import { canaryHash, canaryParameters, canaryUnit } from './canary.ts';
import type { Engine, EngineName, Runner } from './engines/engine.ts';
import { selectEngine } from './engines/select.ts';
import { sizeOf } from './program.ts';
import { modelProgram, type ProgramName } from './recorder/model-programs.ts';
import type {
  BucketValues,
  ComputedSlice,
  ComputeOptions,
  UnitBatch,
  UnitResult,
} from './types.ts';
import { assertBuckets, assertUnit, padUnit, scoredTokens } from './unit.ts';
import { unreadBuckets } from './unread-rows.ts';

/** What an open core says of itself. */
export interface CoreFacts {
  readonly engine: EngineName;
  readonly why: string;
  readonly numericsClass: string;
}

/** Digits of the programs' hash in the numerics class: 48 bits tell versions of a model apart. */
const HASH_DIGITS = 12;

/** Throws EngineUnavailableError when no engine, or not the one asked for, can be had. */
export async function openCore(options: ComputeOptions): Promise<Core> {
  const { parameters, layers } = createDecoder(options.config);
  assertSameParameters(options.layout.parameters, parameters);
  const { engine, why } = await selectEngine(options.engine, { threads: options.threads });
  const programs = new Programs(engine, options);
  // The class names the program whose results the run consists of; scores and logits only inform.
  const { fingerprint } = await programs.runner('gradient');
  const { name, version, device } = engine;
  const numericsClass = [name, version, device, fingerprint.slice(0, HASH_DIGITS)].join('-');
  return new Core({ engine: name, why, numericsClass }, options, programs, layers);
}

/** The model's programs, each made when it is first needed. */
class Programs {
  private readonly engine: Engine;
  private readonly options: ComputeOptions;
  private readonly runners = new Map<ProgramName, Runner>();

  constructor(engine: Engine, options: ComputeOptions) {
    this.engine = engine;
    this.options = options;
  }

  async runner(name: ProgramName): Promise<Runner> {
    const made = this.runners.get(name);
    if (made !== undefined) return made;
    const { config, unitSequences: sequences, sequenceLength } = this.options;
    const runner = await this.engine.load(
      modelProgram(name, config, { sequences, sequenceLength }),
    );
    this.runners.set(name, runner);
    return runner;
  }

  /** Outputs of a program at these parameters, one array each. */
  async run(
    name: ProgramName,
    parameters: readonly Float32Array[],
    { tokens, targets }: UnitBatch,
  ): Promise<Float32Array[]> {
    const unit = name === 'logits' ? [tokens] : [tokens, targets];
    const runner = await this.runner(name);
    return (await runner.run([...parameters, ...unit])) as Float32Array[];
  }

  async release(): Promise<void> {
    for (const runner of this.runners.values()) await runner.release();
    this.runners.clear();
  }
}

/** Compute without a thread of its own, one call at a time; see Compute for what each does. */
export class Core {
  readonly facts: CoreFacts;
  private readonly options: ComputeOptions;
  private readonly programs: Programs;
  private readonly embeddingLayer: string;
  private readonly parameters: readonly Float32Array[];
  private readonly map: BucketMap;
  /** In the order in which slices leave: last layer first. */
  private readonly buckets: readonly Bucket[];
  private readonly neverSet: Set<number>;

  constructor(
    facts: CoreFacts,
    options: ComputeOptions,
    programs: Programs,
    layers: readonly string[],
  ) {
    const { parameters, buckets } = options.layout;
    this.facts = facts;
    this.options = options;
    this.programs = programs;
    this.embeddingLayer = layers[0]!;
    this.parameters = parameters.map(({ shape }) => new Float32Array(sizeOf(shape)));
    this.map = mapBuckets(options.layout);
    const depth = ({ layer }: Bucket) => layers.indexOf(layer);
    this.buckets = buckets.toSorted((a, b) => depth(b) - depth(a) || a.index - b.index);
    this.neverSet = new Set(buckets.map(({ index }) => index));
  }

  setBuckets(buckets: readonly BucketValues[]): void {
    assertBuckets(buckets, this.options.layout);
    for (const { bucket, values } of buckets) {
      this.map.scatter(bucket, values, this.parameters);
      this.neverSet.delete(bucket);
    }
  }

  async gradient(unit: UnitBatch, onSlice: (slice: ComputedSlice) => void): Promise<UnitResult> {
    this.assertReady(unit);
    const { unitSequences } = this.options;
    assert(unit.sequences === unitSequences, `${unit.sequences} of ${unitSequences} sequences`);
    const losses = await this.gradientAt(this.parameters, unit, onSlice);
    return { tokens: scoredTokens(unit), lossSum: losses.reduce((sum, loss) => sum + loss, 0) };
  }

  score(unit: UnitBatch): Promise<Float32Array> {
    return this.forward('score', unit);
  }

  logits(unit: UnitBatch): Promise<Float32Array> {
    return this.forward('logits', unit);
  }

  async canary(): Promise<string> {
    const { config, layout, unitSequences, sequenceLength } = this.options;
    const slices: ComputedSlice[] = [];
    const losses = await this.gradientAt(
      canaryParameters(layout.parameters),
      canaryUnit(config.vocabularySize, unitSequences, sequenceLength),
      (slice) => slices.push(slice),
    );
    return canaryHash(slices, losses);
  }

  release(): Promise<void> {
    return this.programs.release();
  }

  /** Hands out the slices and returns the losses. */
  private async gradientAt(
    parameters: readonly Float32Array[],
    unit: UnitBatch,
    onSlice: (slice: ComputedSlice) => void,
  ): Promise<Float32Array> {
    if (scoredTokens(unit) === 0) {
      for (const { index } of this.buckets) onSlice({ bucket: index, outcome: 'absent' });
      return new Float32Array(unit.targets.length);
    }
    const [losses, ...gradients] = await this.programs.run('gradient', parameters, unit);
    const { layout, config } = this.options;
    const unread = unreadBuckets(unit.tokens, layout, config, this.embeddingLayer);
    const handedOut = new Set<Float32Array>();
    for (const { index } of this.buckets) {
      if (unread[index]) {
        onSlice({ bucket: index, outcome: 'absent' });
        continue;
      }
      const values = this.map.gather(index, gradients);
      handedOut.add(values);
      onSlice({ bucket: index, outcome: 'tensor', values });
    }
    for (const gradient of gradients) if (!handedOut.has(gradient)) freeMemory(gradient);
    return losses!;
  }

  private async forward(name: 'score' | 'logits', unit: UnitBatch): Promise<Float32Array> {
    this.assertReady(unit);
    const { unitSequences } = this.options;
    const padded = padUnit(unit, unitSequences);
    const [output] = await this.programs.run(name, this.parameters, padded);
    return output!.subarray(0, (output!.length / unitSequences) * unit.sequences);
  }

  private assertReady(unit: UnitBatch): void {
    assertUnit(unit, this.options);
    const some = [...this.neverSet].slice(0, 5);
    assert(this.neverSet.size === 0, `buckets ${some} were never set`);
  }
}

function assertSameParameters(
  given: readonly ParameterSpec[],
  expected: readonly ParameterSpec[],
): void {
  assert(given.length === expected.length, `${given.length} parameters, not ${expected.length}`);
  const line = ({ name, shape }: ParameterSpec) => `${name} [${shape}]`;
  given.forEach((parameter, place) => {
    const [actual, wanted] = [line(parameter), line(expected[place]!)];
    assert(actual === wanted, `parameter ${place} is ${actual}, expected ${wanted}`);
  });
}
