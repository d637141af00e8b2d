/**
 * Hunts one planted bug: runs seeds until one breaks a promise that no seed breaks without it,
 * shrinks it, and prints what it found as JSON. A process of its own, because it patches modules.
 *
 *     node scripts/zoo/hunt.ts NAME SEEDS_MAX
 */
import { performance } from 'node:perf_hooks';
import { bugs } from './bugs.ts';
import { plant } from './plant.ts';

const SHRINK_MS = 60_000;

const [name, seedsMax = '10000'] = process.argv.slice(2);
const bug = bugs.find((one) => one.name === name);
if (bug === undefined) throw new Error(`there is no bug ${name}`);
plant(bug.patches);
const { drawTrial, runTrial, shrink } = await import('../../sim/index.ts');

const beganMs = performance.now();
for (let seed = 0; seed < Number(seedsMax); seed++) {
  const trial = drawTrial(seed);
  const { violation } = await runTrial(trial);
  if (violation === null) continue;
  const foundMs = performance.now() - beganMs;
  const endMs = performance.now() + SHRINK_MS;
  const mayGoOn = () => performance.now() < endMs;
  const shrunk = await shrink(trial, violation, { run: runTrial, mayGoOn });
  const shrinkMs = SHRINK_MS - (endMs - performance.now());
  const { checker, text } = shrunk.violation;
  const faults = shrunk.trial.schedule.length;
  report({ seed, foundMs, checker, text, faults, shrinkMs, runs: shrunk.runs });
  process.exit(0);
}
report({ seed: null });

function report(found: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ name, ...found })}\n`);
}
