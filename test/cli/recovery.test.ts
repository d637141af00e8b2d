/**
 * Processes of a run of `isogloss node` that are killed, and come back or do not: those that are
 * there at the end have the oracle's bits.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../node/cli/config/index.ts';
import { openJob, openRunCompute, oracleRunOf } from '../../node/cli/job/index.ts';
import { paramsHashOf } from '../../node/model/index.ts';
import { runOracle } from '../../sim/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { type Running, startCommand } from './command.ts';

const NAMES = ['kestrel', 'merlin', 'hobby'] as const;
type Name = (typeof NAMES)[number];

/** Enough for a node to come back in the middle of them. */
const CHANGES = { steps: 400, output: { checkpointEverySteps: 20 } };

/** A run on three nodes, each with a folder of its own. */
class Cluster {
  readonly #t: ExecutionContext;
  readonly folder: string;
  readonly #addresses = new Map<Name, string>();
  readonly running = new Map<Name, Running>();

  constructor(t: ExecutionContext, folder: string) {
    this.#t = t;
    this.folder = folder;
  }

  /** Starts a node, which dials all that are known by now. */
  async start(name: Name, ...flags: string[]): Promise<void> {
    const others = NAMES.filter((one) => one !== name && this.#addresses.has(one));
    const peers = others.flatMap((one) => ['--peer', this.#addresses.get(one)!]);
    const own = ['--nodes', '3', '--out', `out-${name}`, '--set', `network.name=${name}`, '--json'];
    const args = ['node', 'my.yaml', ...own, ...peers, ...flags];
    const running = startCommand(this.#t, this.folder, ...args);
    this.running.set(name, running);
    const [, address] = await running.says(new RegExp(`${name} listens on (\\S+)`));
    this.#addresses.set(name, address!);
  }

  node(name: Name): Running {
    return this.running.get(name)!;
  }

  /** Resolves when a node has done a step; rejects if it ends before. */
  async reaches(name: Name, step: number): Promise<void> {
    await this.node(name).says(new RegExp(`"type":"step".*"step":${step},`), 'stdout');
  }

  async kill(name: Name): Promise<void> {
    const { child, ended } = this.node(name);
    child.kill('SIGKILL');
    await ended;
  }

  /** Each of these nodes comes to its end with these parameters. */
  async endsIn(paramsHash: string, names: readonly Name[]): Promise<void> {
    const ends = await Promise.all(names.map(async (name) => await this.node(name).ended));
    for (const [i, { exitCode, stdout, stderr }] of ends.entries()) {
      this.#t.is(exitCode, 0, `${names[i]}: ${stderr}`);
      const report = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
      this.#t.is(report.paramsHash, paramsHash, names[i]);
    }
  }
}

/** Three nodes that have begun, and what the run must end in. */
async function begun(t: ExecutionContext): Promise<{ cluster: Cluster; paramsHash: string }> {
  const folder = await temporaryFolder(t);
  const { configPath } = await writeTinyRun(folder, CHANGES);
  const job = await openJob(await loadConfig(configPath));
  const compute = await openRunCompute(job, 'onnx', 1);
  const { parameters } = await runOracle(oracleRunOf(job, compute));
  await compute.close();
  const cluster = new Cluster(t, folder);
  await cluster.start('kestrel');
  await Promise.all([cluster.start('merlin'), cluster.start('hobby')]);
  return { cluster, paramsHash: paramsHashOf([parameters]) };
}

test.serial('one node is killed in the middle, and the others end in the same bits', async (t) => {
  const { cluster, paramsHash } = await begun(t);
  await cluster.reaches('merlin', 20);
  await cluster.kill('merlin');
  await cluster.node('hobby').says(/merlin is silent .* taken for gone/);
  await cluster.endsIn(paramsHash, ['kestrel', 'hobby']);
});

test.serial(
  'one is killed and comes back from its disk, and all end in the same bits',
  async (t) => {
    const { cluster, paramsHash } = await begun(t);
    await cluster.reaches('hobby', 58);
    await cluster.kill('hobby');
    await cluster.node('kestrel').says(/hobby is silent .* taken for gone/);
    await delay(200);
    await cluster.start('hobby', '--resume');
    await cluster.node('kestrel').says(/hobby is back/);
    await cluster.reaches('hobby', 380);
    await cluster.endsIn(paramsHash, NAMES);
    t.notRegex(cluster.node('hobby').stderr, /Divergence|Corrupt/);
    const text = await readFile(join(cluster.folder, 'out-hobby/metrics.jsonl'), 'utf8');
    const rows = text.trimEnd().split('\n');
    const steps = rows.map((row) => JSON.parse(row).current_steps);
    // After the checkpoint of step 40 too.
    const first = Array.from({ length: 50 }, (_, i) => i + 1);
    t.deepEqual(steps.slice(0, 50), first);
    t.true(steps.every((step, i) => i === 0 || steps[i - 1] < step) && steps.at(-1) === 400);
  },
);

test.serial(
  'two are killed for good, and one of them starts again without the other',
  async (t) => {
    const { cluster, paramsHash } = await begun(t);
    await cluster.reaches('kestrel', 45);
    await Promise.all([cluster.kill('merlin'), cluster.kill('hobby')]);
    await cluster.node('kestrel').says(/hobby is silent .* taken for gone/);
    await cluster.start('hobby', '--resume');
    await cluster.node('kestrel').says(/hobby is back/);
    await cluster.endsIn(paramsHash, ['kestrel', 'hobby']);
  },
);
