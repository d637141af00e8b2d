/**
 * Hunts one planted bug: runs seeds until one breaks a promise, and prints what it found as JSON,
 * with the trial as it was drawn. With a seed's violation it shrinks that one. A process of its
 * own, because it patches modules.
 *
 *     node scripts/zoo/hunt.ts NAME FROM TO [shrink]
 */
import { bugs } from './bugs.ts';
import { plant } from './plant.ts';

/** Of one core. */
const SHRINK_MS = 60_000;

const [name, from = '0', to = '9999', then] = process.argv.slice(2);
const bug = bugs.find((one) => one.name === name);
if (bug === undefined) throw new Error(`there is no bug ${name}`);
plant(bug.patches);
const { drawTrial, faultText, runTrial, shrink } = await import('../../sim/index.ts');

const beganMs = cpuMs();
for (let seed = Number(from); seed <= Number(to); seed++) {
  const trial = drawTrial(seed);
  const { violation } = await runTrial(trial);
  if (violation === null) continue;
  const foundMs = cpuMs() - beganMs;
  const { checker, text } = violation;
  if (then !== 'shrink') report({ seed, foundMs, checker, text });
  const endMs = cpuMs() + SHRINK_MS;
  const mayGoOn = () => cpuMs() < endMs;
  const shrunk = await shrink(trial, violation, { run: runTrial, mayGoOn });
  const shrinkMs = SHRINK_MS - (endMs - cpuMs());
  const { schedule } = shrunk.trial;
  const faults = schedule.length;
  const how = schedule.map(faultText);
  report({ seed, foundMs, checker, text, faults, shrinkMs, runs: shrunk.runs, how });
}
report({ seed: null });

/** Time that a core spent on this process: the machine may have other work. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function report(found: Record<string, unknown>): never {
  process.stdout.write(`${JSON.stringify({ name, ...found })}\n`);
  process.exit(0);
}
