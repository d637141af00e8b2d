/**
 * What audits at a rate below 1 find, and what they cost: k wrong steps are found with
 * 1 − (1 − rate)^k, and n nodes lose about rate · n² of their time.
 */
import test from 'ava';
import { Auditor, type AuditPorts } from '../../node/actor/auditor.ts';
import type { Context } from '../../node/actor/context.ts';
import { Actor } from '../../node/actor/index.ts';
import { tinyRun } from '../../sim/models/index.ts';
import type { Scenario } from '../../sim/scenario.ts';
import type { Schedule } from '../../sim/schedule/faults.ts';
import { World } from '../../sim/world.ts';
import { CALM, fault } from './scenarios.ts';

const LIAR = 'n1';
const AUDITOR = 'n0';
const RUNS = 120;
/** Deviations by which a count of independent findings may miss its mean. */
const SIGMAS = 3;

/** One bucket a holder, so that nobody else's making of it comes in. */
const LIED_TO: Scenario = {
  ...{ ...CALM, units: [2, 2, 2], steps: 5, redundancy: 1, checkpointEverySteps: null },
  model: { kind: 'tiny', bucketBytesMax: 128 },
};

/** Whether the auditor finds the liar, and in how many steps it was lied to. */
function hunt(seed: number, auditRate: number): { found: boolean; wrongSteps: number } {
  const scenario = { ...LIED_TO, seed, auditRate };
  const lie = fault('lieSlice', 0, null, [LIAR], { factor: -1 });
  const { model } = tinyRun(scenario, 128);
  const wrong = new Set<number>();
  let found = false;
  const world = new World({
    ...{ scenario, schedule: [lie], model, core: [AUDITOR] },
    // The others look at nothing, so that the liar goes on until this one has found it.
    createActor: ({ audit, ...options }) =>
      new Actor(options.self === AUDITOR && audit ? { ...options, audit } : options),
    observers: [
      {
        handled({ node }, event, effects) {
          if (node.name !== AUDITOR) return;
          const isWord = event.kind === 'message' && event.from === LIAR;
          // What is found out is the last that counts.
          if (isWord && !found && event.message.kind === 'sum') {
            if (event.message.outcome === 'tensor') wrong.add(event.message.step);
          }
          found ||= effects.some(
            ({ kind, ...rest }) => kind === 'log' && /n1 is refused/.test(JSON.stringify(rest)),
          );
          if (found) world.halt();
        },
      },
    ],
  });
  world.run();
  return { found, wrongSteps: wrong.size };
}

/** By seed: how often the auditor would be lied to, were it not to find out. */
const told = new Map<number, number>();
function wrongStepsOf(seed: number): number {
  const known = told.get(seed) ?? hunt(seed, 0).wrongSteps;
  told.set(seed, known);
  return known;
}

test('as many steps are audited as the rate says, others on each node', (t) => {
  const context = (secret: string) =>
    new Auditor(
      { options: { runId: 'r', audit: { rate: 0.01, secret } } } as unknown as Context,
      {} as AuditPorts,
    );
  const [one, other] = [context('one'), context('other')];
  const steps = Array.from({ length: 40_000 }, (_, step) => step);
  const audited = steps.filter((step) => one.audits(step));
  t.true(Math.abs(audited.length - 400) < 60, `${audited.length}`);
  t.true(audited.filter((step) => other.audits(step)).length < 20);
});

for (const rate of [0.05, 0.3]) {
  test(`at rate ${rate} wrong steps are found as often as is said`, (t) => {
    let found = 0;
    let expected = 0;
    let variance = 0;
    for (let seed = 0; seed < RUNS; seed++) {
      const chance = 1 - (1 - rate) ** wrongStepsOf(seed);
      expected += chance;
      variance += chance * (1 - chance);
      if (hunt(seed, rate).found) found++;
    }
    const text = `${found} of ${RUNS} found, ${expected.toFixed(1)} expected`;
    t.log(text);
    t.true(expected > 0, text);
    t.true(Math.abs(found - expected) <= SIGMAS * Math.sqrt(variance) + 1, text);
  });
}

/** Virtual time of a calm run, and units that were computed. */
function pace(auditRate: number): { virtualMs: number; units: number } {
  const weather = { ...CALM.weather, latencyMs: 1, jitterMs: 0 };
  const timing = { ...CALM.timing, computeMs: 100, computeSpread: 'constant' as const };
  const nodes = ['n0', 'n1', 'n2', 'n3'];
  const run = { nodes, weather, timing, units: [4, 4, 4, 4], steps: 300 };
  const scenario: Scenario = { ...CALM, ...run, auditRate, checkpointEverySteps: null };
  const { model } = tinyRun(scenario, 64);
  let units = 0;
  const schedule: Schedule = [];
  const world = new World({
    ...{ scenario, schedule, model, core: null },
    observers: [
      {
        handled(_running, _event, effects) {
          for (const { kind } of effects) if (kind === 'compute') units++;
        },
      },
    ],
  });
  world.run();
  return { virtualMs: world.clock.nowMs, units };
}

test('what audits cost grows with the rate, and is small where they are rare', (t) => {
  const without = pace(0);
  const [rate, nodes] = [0.01, 4];
  const audited = pace(rate);
  const time = audited.virtualMs / without.virtualMs - 1;
  const work = audited.units / without.units - 1;
  t.log(`rate ${rate}: ${(100 * time).toFixed(1)} % more time, ${(100 * work).toFixed(1)} % units`);
  t.true(work > 0 && work < 2 * rate * nodes, `${work}`);
  t.true(time < 2 * rate * nodes * nodes, `${time}`);
});
