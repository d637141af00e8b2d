/** A scenario's run on the tiny model: real numbers, the oracle's bits. */
import { Bulk, type BulkOptions } from '../../node/bulk/index.ts';
import { createAggregatorState } from '../../node/resolve/index.ts';
import { groupOfBuckets, layoutBuckets } from '../../protocol/buckets.ts';
import { firstRoot, hashOf, type ValueHashes, valueHash } from '../../protocol/hashes.ts';
import { drawKey, drawShare } from '../core/draws.ts';
import type { OracleRun } from '../oracle.ts';
import type { Scenario } from '../scenario.ts';
import { TINY_PARAMETERS, tinyGradient, tinyTokens, tinyValues } from '../tiny-model.ts';
import type { Parameters, SimModel, UnitName, UnitWork } from './model.ts';
import { rememberingAggregator } from './remembering-aggregator.ts';

const NUMERICS_CLASS = 'tiny';

/** What both the nodes and the oracle compute on. */
export interface TinyRun {
  readonly model: SimModel;
  readonly oracle: OracleRun;
}

export function tinyRun(scenario: Scenario, bucketBytesMax: number): TinyRun {
  const { steps, units, groups, codec, aggregator, optimizer } = scenario;
  const { whenStalled = 'report' } = scenario;
  const layout = layoutBuckets(TINY_PARAMETERS, bucketBytesMax);
  const runId = hashOf('simulated run', String(scenario.seed), '');
  // The actor places by its run's id, and the numbers draw by theirs: so placement can be changed
  // with no value changing.
  const placedBy = hashOf('simulated run', String(scenario.seed), scenario.placementSalt);
  const base = tinyValues(scenario.seed);
  const gradient = memoisedGradient(scenario, layout.buckets);
  const ownAggregators = [rememberingAggregator];
  const bulk: BulkOptions = {
    runId,
    steps,
    languages: units.length,
    layout,
    groups,
    codec,
    aggregator,
    optimizer,
    ownAggregators,
    whenStalled,
  };
  const groupOf = groupOfBuckets(layout, groups);
  const model: SimModel = {
    actor: {
      runId: placedBy,
      numericsClass: NUMERICS_CLASS,
      steps,
      languages: units.map((unitsPerStep, l) => {
        const at = scenario.at[l];
        return { id: `language-${l}`, unitsPerStep, ...(at && { at }) };
      }),
      layout,
      groups,
      stateLength: createAggregatorState(aggregator, units.length, ownAggregators).length,
      clips: optimizer.clipNorm !== null,
      needsAllGrams: whenStalled !== 'report',
      checkpointEverySteps: scenario.checkpointEverySteps,
      redundancy: scenario.redundancy,
    },
    groupOf,
    createBulk: () => new Bulk(bulk),
    loadBase(port) {
      const values: ValueHashes[] = layout.buckets.map(({ index, start, length }) =>
        (port as Bulk).loadBase(index, base.slice(start, start + length)),
      );
      return { root: firstRoot(runId, NUMERICS_CLASS, values.map(valueHash)), values };
    },
    parameters(port, step) {
      const values = new Float32Array(layout.totalLength);
      for (const { index, start } of layout.buckets) values.set(port.published(step, index), start);
      return { values, hash: hashOf(new Uint8Array(values.buffer)) };
    },
    gradient: (parameters, unit) => ownSlices(gradient(parameters, unit)),
    nominalBytes: () => undefined,
  };
  const oracle: OracleRun = {
    ...bulk,
    numericsClass: NUMERICS_CLASS,
    unitsByLanguage: units,
    base,
    gradient: async (values, step, language, unit) => {
      const parameters = { values, hash: hashOf(new Uint8Array(values.slice().buffer)) };
      return ownSlices(gradient(parameters, { step, language, unit }));
    },
  };
  return { model, oracle };
}

/** Memory that a store may keep: the remembered slices stay as they are. */
function ownSlices({ slices, ...unit }: UnitWork): UnitWork {
  return { ...unit, slices: slices.map((slice) => slice?.slice() ?? null) };
}

type Buckets = readonly { readonly start: number; readonly length: number }[];

/** Nodes compute the same unit at the same parameters again and again; once is enough. */
function memoisedGradient(scenario: Scenario, buckets: Buckets) {
  const known = new Map<string, UnitWork>();
  const emptyKey = drawKey(scenario.seed, 'empty units');
  const brokenKey = drawKey(scenario.seed, 'broken units');
  return (parameters: Parameters, { step, language, unit }: UnitName): UnitWork => {
    const name = `${parameters.hash} ${step} ${language} ${unit}`;
    let work = known.get(name);
    if (work === undefined) {
      const isEmpty =
        drawShare(emptyKey, step, language, unit) < scenario.emptyUnits ||
        isAbsent(scenario, language, step);
      const isBroken = drawShare(brokenKey, step, language, unit) < scenario.brokenUnits;
      const drawn = tinyTokens(scenario.seed, language, step, unit);
      work = unitOf(parameters.values, isEmpty ? drawn.slice(0, 1) : drawn, buckets, isBroken);
      known.set(name, work);
    }
    return work;
  };
}

/** Whether a language has nothing to say at a step. */
function isAbsent({ absences = [] }: Scenario, language: number, step: number): boolean {
  return absences.some(
    ({ language: of, fromStep, steps }) =>
      of === language && step >= fromStep && step < fromStep + steps,
  );
}

function unitOf(
  values: Float32Array,
  text: readonly number[],
  buckets: Buckets,
  isBroken: boolean,
): UnitWork {
  const { gradient, touched, lossSum, tokens } = tinyGradient(values, text);
  const slices = buckets.map(({ start, length }) => {
    const isTouched = touched.subarray(start, start + length).some((t) => t === 1);
    if (tokens === 0 || !isTouched) return null;
    const slice = gradient.slice(start, start + length);
    if (isBroken) slice[0] = Number.POSITIVE_INFINITY;
    return slice;
  });
  return { tokens, lossSum, slices };
}
