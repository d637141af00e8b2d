/**
 * `npm run bench:sim`: how fast the simulator is, and what many nodes say to each other.
 *
 *     npm run -s bench:sim -- [--only traffic,speed,seeds,scale] [--nodes 1000] [--steps 100]
 *       [--traffic-nodes 4,16,64,256,1000] [--traffic-steps 10] [--seeds 300] [--threads 2]
 *
 * `traffic`: bytes, messages, events and time by the number of nodes, on the analytic model.
 * `speed`: events and virtual seconds a second at 16 nodes. `seeds`: the swarm; with --seeds 10000
 * all of it. `scale`, only where it is asked for since it takes the longest by far: so many nodes
 * for so many steps, in one thread. Exits with 1 where a run was not right.
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { runPool } from '../node/cli/sim/pool.ts';
import { addSummary, emptySummary, unhitMarks } from '../sim/index.ts';
import { measureScale, type Scale } from './bench-sim/scale.ts';
import { aboveZero, orUsage, partsNamed } from './usage.ts';

const PARTS = ['traffic', 'speed', 'seeds', 'scale'] as const;
const flags = orUsage(import.meta.filename, () => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: 'traffic,speed,seeds' },
      nodes: { type: 'string', default: '1000' },
      steps: { type: 'string', default: '100' },
      'traffic-nodes': { type: 'string', default: '4,16,64,256,1000' },
      'traffic-steps': { type: 'string', default: '10' },
      seeds: { type: 'string', default: '300' },
      threads: { type: 'string', default: '2' },
    },
  });
  const count = (flag: 'nodes' | 'steps' | 'traffic-steps' | 'seeds' | 'threads') =>
    aboveZero(flag, values[flag]);
  return {
    only: partsNamed(values.only, PARTS),
    nodes: count('nodes'),
    steps: count('steps'),
    trafficNodes: values['traffic-nodes'].split(',').map((n) => aboveZero('traffic-nodes', n)),
    trafficSteps: count('traffic-steps'),
    seeds: count('seeds'),
    threads: count('threads'),
  };
});

/** Goals of the simulator, on two cores. */
const SCALE_GOAL_S = 60;
const SEED_GOAL_MS = 60;
/** So many seeds meet every situation that has a mark. */
const SEEDS_FOR_ALL_MARKS = 10_000;

const nowMs = () => performance.now();
let isRight = true;

function say(what: string, figure: string): void {
  console.log(`${what.padEnd(44)}  ${figure}`);
}

function check(scale: Scale): Scale {
  if (!scale.ok) {
    isRight = false;
    console.log(`${scale.nodes} nodes did not all end at one root`);
  }
  return scale;
}

const s = (ms: number) => (ms / 1000).toFixed(1);
const whole = (value: number) => Math.round(value).toLocaleString('en');

const BENCHES: Readonly<Record<(typeof PARTS)[number], () => void | Promise<void>>> = {
  scale() {
    const scale = check(measureScale(flags.nodes, flags.steps, nowMs));
    const { nodes, steps, wallMs, cpuMs, events } = scale;
    const verdict = nodes === 1000 && steps === 100 ? ` (goal ${SCALE_GOAL_S} s)` : '';
    say(`${nodes} nodes × ${steps} steps`, `${s(wallMs)} s, ${s(cpuMs)} s of a core${verdict}`);
    say('  events', `${whole(events)}, ${whole(events / (cpuMs / 1000))} a second of a core`);
  },

  traffic() {
    const steps = flags.trafficSteps;
    console.log(`of each node in each of ${steps} steps, in the mean, r = 2:`);
    console.log(
      'nodes  MB sent  bound (r = 1)  with r = 2  messages  units computed / needed' +
        '      events  s of a core  events a second',
    );
    for (const nodes of flags.trafficNodes) {
      const scale = check(measureScale(nodes, steps, nowMs));
      const mb = (bytes: number) => (bytes / 1e6).toFixed(3);
      const cells = [
        String(nodes).padStart(5),
        mb(scale.bytes).padStart(7),
        mb(scale.boundBytes).padStart(13),
        mb(scale.boundWithBackupsBytes).padStart(10),
        scale.messages.toFixed(1).padStart(8),
        (scale.unitsComputed / scale.unitsNeeded).toFixed(4).padStart(23),
        whole(scale.events).padStart(10),
        s(scale.cpuMs).padStart(11),
        whole(scale.events / (scale.cpuMs / 1000)).padStart(15),
      ];
      console.log(cells.join('  '));
    }
  },

  speed() {
    const scale = check(measureScale(16, 200, nowMs));
    const { events, virtualMs, cpuMs } = scale;
    say('events a second of a core, 16 nodes', whole(events / (cpuMs / 1000)));
    say('virtual seconds a second of a core, 16 nodes', whole(virtualMs / cpuMs));
  },

  async seeds() {
    const total = emptySummary();
    const { seeds, threads } = flags;
    const beganMs = nowMs();
    const began = process.cpuUsage();
    await runPool({
      ...{ from: 0, to: seeds - 1, threads, mode: undefined, scenario: undefined },
      mayGoOn: () => true,
      onSummary: (summary) => addSummary(total, summary),
    });
    const wallMs = nowMs() - beganMs;
    const { user, system } = process.cpuUsage(began);
    const eachMs = (user + system) / 1000 / seeds;
    if (total.failures.length > 0) isRight = false;
    say(`${seeds} seeds on ${threads} threads`, `${s(wallMs)} s`);
    say('  of a core for each', `${eachMs.toFixed(1)} ms (goal ${SEED_GOAL_MS} ms)`);
    say('  that broke a promise', total.failures.map(({ seed }) => seed).join(', ') || 'none');
    const unhit = unhitMarks(total);
    say('  coverage marks never hit', unhit.join(', ') || 'none');
    if (unhit.length > 0 && seeds >= SEEDS_FOR_ALL_MARKS) isRight = false;
  },
};

console.log(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores to use`);
for (const name of flags.only) await BENCHES[name]();
process.exitCode = isRight ? 0 : 1;
