/**
 * What audits at a rate below 1 find, and what they cost: k wrong steps are found with
 * 1 − (1 − rate)^k, and n nodes lose about rate · n² of their time.
 */
import test from 'ava';
import type { AuditPorts } from '../../node/actor/audit-ports.ts';
import { Auditor } from '../../node/actor/auditor.ts';
import type { Book } from '../../node/actor/book.ts';
import type { Context } from '../../node/actor/context.ts';
import { tinyRun } from '../../sim/models/index.ts';
import type { Scenario } from '../../sim/scenario.ts';
import type { Schedule } from '../../sim/schedule/faults.ts';
import { World } from '../../sim/world.ts';
import { countFindings } from './lied-to.ts';
import { CALM } from './scenarios.ts';

const RUNS = 120;
const STEPS = 5;

test('as many steps are audited as the rate says, others on each node', (t) => {
  const context = (secret: string) =>
    new Auditor(
      { options: { runId: 'r', audit: { rate: 0.01, secret } } } as unknown as Context,
      {} as Book,
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
    const { expected, agrees, text } = countFindings(rate, RUNS, STEPS);
    t.log(text);
    t.true(expected > 0, text);
    t.true(agrees, text);
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
