/** `isogloss local` with real processes: any number of nodes, and the bits of the oracle. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../node/cli/config/index.ts';
import { baselineOf, openJob, openRunCompute, oracleRunOf } from '../../node/cli/job/index.ts';
import { paramsHashOf } from '../../node/model/index.ts';
import { runOracle } from '../../sim/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { runCommand } from './command.ts';

interface Line {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** What a run of several languages, units and steps must come to. */
interface Expected {
  readonly paramsHash: string;
  readonly roots: readonly string[];
  readonly losses: readonly (readonly number[])[];
}

async function oracleOf(configPath: string, baseline = false): Promise<Expected> {
  const configured = await openJob(await loadConfig(configPath));
  const job = baseline ? baselineOf(configured) : configured;
  const compute = await openRunCompute(job, 'onnx', 1);
  const { steps, parameters } = await runOracle(oracleRunOf(job, compute));
  await compute.close();
  const roots = steps.map(({ root }) => root).slice(1);
  const losses = steps.slice(1).map((step) => step.losses);
  return { paramsHash: paramsHashOf([parameters]), roots, losses };
}

const linesOf = (stdout: string): Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** Runs the tiny example to its end, and holds every step and the result against the oracle. */
async function agrees(t: ExecutionContext, folder: string, nodes: number, expected: Expected) {
  const args = ['local', 'my.yaml', '--nodes', String(nodes), '--out', `out-${nodes}`, '--json'];
  const { exitCode, stdout, stderr } = await runCommand(t, folder, ...args);
  t.is(exitCode, 0, stderr);
  const lines = linesOf(stdout);
  const steps = lines.filter(({ type }) => type === 'step');
  t.deepEqual(
    steps.map(({ root }) => root),
    expected.roots,
  );
  t.deepEqual(
    steps.map(({ losses }) => Object.values(losses as Record<string, number>)),
    expected.losses.map((losses) => [...losses]),
  );
  const report = lines.at(-1)!;
  t.is(report['paramsHash'], expected.paramsHash, `${nodes} nodes`);
  const saved = await readFile(join(folder, `out-${nodes}`, 'report.json'), 'utf8');
  t.deepEqual(JSON.parse(saved), report, 'the last line is report.json');
  return { lines, report };
}

for (const nodes of [1, 2, 3, 4]) {
  test.serial(`${nodes} processes end in the oracle's bits and log its losses`, async (t) => {
    const folder = await temporaryFolder(t);
    const { configPath } = await writeTinyRun(folder);
    await agrees(t, folder, nodes, await oracleOf(configPath));
  });
}

test.serial('seven processes each own a bucket, compute a unit and send bytes', async (t) => {
  const folder = await temporaryFolder(t);
  const languages = ['swh', 'rus'].map((name) => {
    const [id, train, dev] = [`${name}_Test`, `${name}.txt`, `${name}.dev.txt`];
    return { id, role: 'seen', train, eval: dev, unitsPerStep: name === 'swh' ? 4 : 3 };
  });
  const { configPath } = await writeTinyRun(folder, { languages, bucketBytesMax: 4096 });
  const { lines, report } = await agrees(t, folder, 7, await oracleOf(configPath));
  const [run] = lines.filter(({ type }) => type === 'run') as unknown as {
    nodes: { name: string; pid: number; peerId: string; buckets: number; unitsPerStep: number }[];
  }[];
  const sent = report['nodes'] as { name: string; bytesSent: number; bytesReceived: number }[];
  t.is(new Set(run!.nodes.map(({ pid }) => pid)).size, 7);
  for (const [index, { name, pid, buckets, unitsPerStep }] of run!.nodes.entries()) {
    const { bytesSent, bytesReceived } = sent[index]!;
    t.log(`${name} ${pid}: ${buckets} buckets, ${unitsPerStep} units, ${bytesSent} bytes sent`);
    t.is(sent[index]!.name, name);
    t.true(buckets >= 1 && unitsPerStep >= 1 && bytesSent > 0 && bytesReceived > 0, name);
  }
});

test.serial(
  'with a lossy codec, clipping and one group, and beside it the plain mean',
  async (t) => {
    const folder = await temporaryFolder(t);
    const { configPath } = await writeTinyRun(folder, {
      groups: 'model',
      wire: { codec: 'bf16' },
      optimizer: { name: 'adamw', learningRate: 0.01, clipNorm: 0.5 },
    });
    const args = ['local', 'my.yaml', '--nodes', '3', '--out', 'out', '--json'];
    const { exitCode, stdout, stderr } = await runCommand(t, folder, ...args, '--baseline', 'mean');
    t.is(exitCode, 0, stderr);
    const expected = await oracleOf(configPath);
    const mean = await oracleOf(configPath, true);
    const report = linesOf(stdout).at(-1)!;
    t.is(report['paramsHash'], expected.paramsHash);
    t.is((report['baseline'] as { paramsHash: string }).paramsHash, mean.paramsHash);
    t.not(expected.paramsHash, mean.paramsHash);
  },
);
