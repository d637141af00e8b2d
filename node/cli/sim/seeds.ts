/** Seeds that are run one after another, in this thread; what a thread is given and gives back. */
import {
  addOutcome,
  drawTrial,
  emptySummary,
  type Mode,
  runTrial,
  type Scenario,
  type Summary,
} from '../../../sim/index.ts';

/** What the seeds are to be of; whatever is left out is drawn. */
export interface SeedSource {
  readonly mode: Mode | undefined;
  readonly scenario: Scenario | undefined;
}

export interface SeedJob extends SeedSource {
  readonly from: number;
  readonly count: number;
}

export async function runSeeds({ from, count, mode, scenario }: SeedJob): Promise<Summary> {
  const summary = emptySummary();
  for (let seed = from; seed < from + count; seed++) {
    const trial = drawTrial(seed, mode, scenario);
    addOutcome(summary, seed, trial, await runTrial(trial));
  }
  return summary;
}
