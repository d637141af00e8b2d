/**
 * `npm run bench:step`: what resolving conflicts adds to a step of a real model, a Llama of 135
 * million parameters with random weights and eight languages: the parts of a node's step, every
 * method over the mean, and two whole runs in turn. `--shape small` tries it out, `--tokens` sets
 * what a language contributes to a step, `--rounds 0` leaves the whole runs out.
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { median, timeLocal } from './bench/example.ts';
import { SHAPES, writeStepJob } from './bench-step/job.ts';
import { timeParts } from './bench-step/parts.ts';
import { orUsage } from './usage.ts';

const GOAL = 1.03;
const flags = orUsage(import.meta.filename, () => {
  const { values } = parseArgs({
    options: {
      shape: { type: 'string', default: '135m' },
      tokens: { type: 'string', default: '512' },
      steps: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '1' },
    },
  });
  for (const [flag, least] of [
    ['tokens', 1],
    ['steps', 1],
    ['rounds', 0],
  ] as const) {
    const value = Number(values[flag]);
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw new Error(`--${flag} ${values[flag]}: expected a whole number, ${least} or more`);
  }
  if (values.shape in SHAPES) return values;
  throw new Error(`there is no shape ${values.shape}; use ${Object.keys(SHAPES)}`);
});
const { shape } = flags;
const steps = Number(flags.steps);
const config = await writeStepJob({ shape, tokens: Number(flags.tokens), steps: steps + 1 });

console.log(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores to use`);
const rounds = Number(flags.rounds);
// First: what the parts leave in memory would be in the way.
if (rounds > 0) await wholeRuns();

const { parameters, buckets, languages, tokens, shared, ...measured } = await timeParts(
  config,
  steps,
);
const { processorMs, weighing } = measured;
const size = `${(parameters / 1e6).toFixed(1)} million parameters in ${buckets} buckets`;
console.log(`${size}, ${languages} languages, ${tokens} tokens each a step`);

const { 'of which keeping slices (beside the engine)': beside = 0, ...inTurn } = shared;
const rest = Object.values(inTurn).reduce((sum, ms) => sum + ms, 0);
const mean = weighing['mean']!;
const step = rest + mean;
console.log(`\none node, one step, part by part: ${step.toFixed(0)} ms with the mean`);
const say = (part: string, ms: number) =>
  console.log(`  ${part.padEnd(44)} ${ms.toFixed(1).padStart(9)} ms ${share(ms).padStart(7)}`);
for (const [part, ms] of Object.entries(inTurn)) say(part, ms);
say('keeping slices (while the engine goes on)', beside);
const gram = inTurn['Gram matrices'] ?? 0;
// By processor time, which other work on the machine does not change.
const total = `${processorMs.toFixed(0)} ms of processor time, of all threads`;
console.log(`\nweights of all buckets, and the step over that of the mean: ${total}`);
for (const [name, ms] of Object.entries(weighing).sort(([, a], [, b]) => a - b)) {
  const ratio = 1 + (ms - mean) / processorMs;
  console.log(`  ${name.padEnd(14)} ${ms.toFixed(1).padStart(8)} ms   ${ratio.toFixed(5)}`);
}
const mgda = step - mean + weighing['mgda']!;
console.log(`\nmgda over the mean: ${over(mgda)} (goal ${GOAL})`);
console.log(`mgda over a mean without Gram matrices: ${(mgda / (step - gram)).toFixed(4)}`);

/** `isogloss local` with one node, in turn; the first step of each left out. */
async function wholeRuns(): Promise<void> {
  const times: Record<string, number[]> = { mean: [], mgda: [] };
  for (let round = 0; round < rounds; round++) {
    for (const name of ['mean', 'mgda'] as const) {
      const sets = [`aggregator.name=${name}`];
      const run = await timeLocal(sets, { nodes: 1, steps: steps + 1, config });
      times[name] = [...times[name]!, ...run.stepMs];
    }
  }
  const [meanMs, mgdaMs] = [median(times['mean']!), median(times['mgda']!)];
  const figures = `${meanMs.toFixed(0)} ms, ${mgdaMs.toFixed(0)} ms`;
  console.log(`whole runs, a step with mean and mgda: ${figures}: ${(mgdaMs / meanMs).toFixed(3)}`);
}

function share(ms: number): string {
  return `${((100 * ms) / step).toFixed(2)} %`;
}

function over(ms: number): string {
  return (ms / step).toFixed(4);
}
