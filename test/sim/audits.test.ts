/**
 * Nodes that lie, and machines that compute wrongly, among nodes that audit every step: each is
 * named and refused, nobody else is, and the others end in the oracle's bits.
 */
import test from 'ava';
import { tinyRun } from '../../sim/models/index.ts';
import { runOracle } from '../../sim/oracle.ts';
import { type Scenario, scenarioSchema } from '../../sim/scenario.ts';
import type { Schedule } from '../../sim/schedule/faults.ts';
import { World } from '../../sim/world.ts';
import { liesOf } from './lies.ts';
import { CALM, fault } from './scenarios.ts';

const AUDITED: Scenario = { ...CALM, auditRate: 1, steps: 6, units: [2, 3, 1] };
const LIAR = 'n1';
const HONEST = ['n0', 'n2'];

/** What honest nodes said and did in a run under a schedule, and where they ended. */
async function live(scenario: Scenario, schedule: Schedule) {
  const { model, oracle } = tinyRun(scenario, 64);
  const warnings: string[] = [];
  const expelled: string[] = [];
  const failures: string[] = [];
  const world = new World({
    ...{ scenario, schedule, model },
    core: HONEST,
    observers: [
      {
        handled({ node }, _event, effects) {
          for (const effect of effects) {
            if (effect.kind === 'failed') failures.push(`${node.name}: ${effect.text}`);
            if (node.name === LIAR) continue;
            if (effect.kind === 'log') warnings.push(`${node.name}: ${effect.text}`);
            if (effect.kind === 'disconnect') expelled.push(`${node.name} ${effect.peer}`);
          }
        },
        ended({ node }, why) {
          if (why.kind === 'threw') failures.push(`${node.name} threw ${why.error}`);
        },
      },
    ],
  });
  const end = world.run();
  const { steps } = await runOracle(oracle);
  const roots = HONEST.map((name) => world.node(name).running?.root);
  const last = steps.at(-1)!.root;
  return { end, roots, last, warnings, expelled: new Set(expelled), failures, world };
}

const LIES = liesOf(LIAR, 400);

for (const groups of ['bucket', 'model'] as const) {
  for (const [title, lie] of LIES) {
    test(`a node that ${title} is named and refused: groups by ${groups}`, async (t) => {
      const { end, roots, last, warnings, expelled, failures } = await live(
        { ...AUDITED, groups },
        [lie],
      );
      t.is(end, 'finished', failures.join('; '));
      t.deepEqual(roots, [last, last]);
      t.true(
        warnings.some((text) => /n1 is refused from now on\. Step \d+: its/.test(text)),
        warnings.join('\n'),
      );
      for (const one of expelled) t.regex(one, / n1$/);
      t.true(expelled.size > 0);
    });
  }
}

/** What flips a bit of memory at some moment; most moments are harmless. */
for (const name of ['parameterFlip', 'optimizerFlip', 'stateFlip'] as const) {
  test(`memory that rots is found, or does no harm: ${name}`, async (t) => {
    let found = 0;
    let foundByItself = 0;
    const aggregator = name === 'stateFlip' ? { name: 'remembering' } : AUDITED.aggregator;
    const scenario = scenarioSchema.parse({ ...AUDITED, aggregator });
    for (let i = 0; i < 24; i++) {
      const atMs = 350 + 90 * i;
      const flip = fault(name, atMs, 0, [LIAR], {});
      const { roots, last, warnings, expelled, failures, world } = await live(scenario, [flip]);
      const label = `at ${atMs} ms`;
      t.deepEqual(roots, [last, last], label);
      for (const one of expelled) t.regex(one, / n1$/, label);
      const itself = failures.filter((text) => /^n1: step \d+: bucket .* no longer/.test(text));
      t.deepEqual(failures, itself, label);
      const refused = warnings.some((text) => text.includes('n1 is refused'));
      const isSound = world.node(LIAR).running?.root === last;
      t.true(isSound || refused || itself.length > 0, label);
      if (refused || itself.length > 0) found++;
      if (itself.length > 0) foundByItself++;
    }
    t.true(found >= 4, `${found} found`);
    t.true(foundByItself >= 1, `${foundByItself} by itself`);
  });
}

test('an honest run is audited to the same bits, and nobody is refused', async (t) => {
  for (const groups of ['bucket', 'model'] as const) {
    const { end, roots, last, expelled, failures } = await live({ ...AUDITED, groups }, []);
    t.is(end, 'finished');
    t.deepEqual(failures, []);
    t.deepEqual(roots, [last, last]);
    t.is(expelled.size, 0);
  }
});
