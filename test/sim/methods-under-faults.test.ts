/**
 * Every method in the simulator under drawn schedules of recoverable faults: crashes, lost disks,
 * partitions, damaged frames. Every root of every node is the oracle's, with what methods remember.
 */
import test from 'ava';
import { aggregatorSchema, aggregators } from '../../node/resolve/index.ts';
import { drawTrial, runTrial } from '../../sim/index.ts';

/** Schedules a method; one that remembers has more to lose. */
const SEEDS = 2;
const SEEDS_REMEMBERING = 12;
/** Options that make a method remember more in a short run; left out: its defaults. */
const OPTIONS: Readonly<Record<string, object>> = {
  psmgd: { every: 2, of: 'upgrad' },
  'cr-mogm': { of: 'gradvac', momentum: 0.5 },
  modo: { gamma: 1 },
};

/** The first seeds whose faults are recoverable: no bucket loses all its holders. */
function recoverable(count: number): number[] {
  const seeds: number[] = [];
  for (let seed = 0; seeds.length < count; seed++) {
    const { mode, schedule } = drawTrial(seed);
    if (mode === 'recoverable' && schedule.length > 0) seeds.push(seed);
  }
  return seeds;
}

for (const { name, stateLength, schema } of aggregators) {
  const remembers = stateLength(3, schema.parse({ ...OPTIONS[name] })) > 0;
  const seeds = recoverable(remembers ? SEEDS_REMEMBERING : SEEDS);
  test(`${name} under ${seeds.length} schedules of faults`, async (t) => {
    for (const seed of seeds) {
      const trial = drawTrial(seed);
      const aggregator = aggregatorSchema.parse({ name, ...OPTIONS[name] });
      const { violation } = await runTrial({
        ...trial,
        scenario: { ...trial.scenario, aggregator },
      });
      t.is(violation, null, `seed ${seed}: ${JSON.stringify(violation)}`);
    }
  });
}
