/** Which node has which name, and who works on what, changes no value. */
import test from 'ava';
import { drawTrial, runTrial, type Trial } from '../../sim/index.ts';

const SEEDS = 16;

/** The trial with other names for its nodes, in the faults too. */
function relabelled({ scenario, schedule, ...trial }: Trial): Trial {
  const names = new Map(scenario.nodes.map((name, i) => [name, `m${(7 * i + 3) % 101}`]));
  const other = (name: string) => names.get(name) ?? name;
  const faults = schedule.map((fault) => {
    const args: Record<string, unknown> = { ...fault.args };
    if (Array.isArray(args['peers'])) args['peers'] = args['peers'].map(other);
    if (Array.isArray(args['groups'])) {
      args['groups'] = args['groups'].map((group: string[]) => group.map(other));
    }
    return { ...fault, nodes: fault.nodes.map(other), args } as (typeof schedule)[number];
  });
  const nodes = scenario.nodes.map(other);
  const at = scenario.at.map((keepers) => keepers?.map(other) ?? null);
  const core = trial.core?.map(other) ?? null;
  return { ...trial, core, scenario: { ...scenario, nodes, at }, schedule: faults };
}

test('relabelled nodes, other placement and other tie-breaks: the same root', async (t) => {
  let different = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    const trial = drawTrial(seed, 'recoverable');
    // Who is asked to stop the run may do so at another step.
    if (trial.schedule.some(({ fault }) => fault === 'stop')) continue;
    const { root, traceHash, violation } = await runTrial(trial);
    t.is(violation, null, `seed ${seed}`);
    const variants: readonly Trial[] = [
      relabelled(trial),
      { ...trial, scenario: { ...trial.scenario, placementSalt: 'other' } },
      { ...trial, scenario: { ...trial.scenario, tieSalt: 12345 } },
    ];
    for (const [i, variant] of variants.entries()) {
      const outcome = await runTrial(variant);
      t.is(outcome.violation, null, `seed ${seed}, variant ${i}`);
      t.is(outcome.root, root, `seed ${seed}, variant ${i}`);
      if (outcome.traceHash !== traceHash) different++;
    }
  }
  t.true(different > SEEDS, 'the variants are other runs');
});
