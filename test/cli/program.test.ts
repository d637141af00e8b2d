/** The command line from the outside of its modules: exit codes, and the one line that says why. */

import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { Terminal } from '../../node/cli/output/index.ts';
import { runProgram } from '../../node/cli/program.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { RememberedScreen } from './screens.ts';

/** Runs a command on remembered screens. */
async function isogloss(...args: string[]) {
  const stdout = new RememberedScreen(false);
  const stderr = new RememberedScreen(false);
  const terminal = new Terminal({ stdout, stderr, env: {} });
  const exitCode = await runProgram(args, { terminal, nowMs: () => 0 });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

test('train points to the commands that there are', async (t) => {
  const { exitCode, stdout, stderr } = await isogloss('train', 'my.yaml', '--steps', '3');
  t.is(exitCode, 2);
  t.is(stdout, '');
  t.regex(stderr, /^UsageError: there is no train\..*isogloss local.*isogloss node.*\n$/);
});

test('mistakes on the command line exit with 2 and one line', async (t) => {
  const cases: readonly (readonly [string[], string])[] = [
    [
      ['doctr'],
      "UsageError: unknown command 'doctr' (Did you mean doctor?) See isogloss --help.\n",
    ],
    [
      ['doctor', '--engin', 'onnx'],
      "UsageError: unknown option '--engin' (Did you mean --engine?) See isogloss --help.\n",
    ],
    [
      ['doctor', '--engine', 'abacus'],
      "UsageError: option '--engine <name>' argument 'abacus' is invalid. " +
        'Allowed choices are onnx, wasm, reference. See isogloss --help.\n',
    ],
    [['doctor', 'nowhere.yaml'], 'ConfigFileError nowhere.yaml: no such file. Name a YAML file.\n'],
  ];
  for (const [args, message] of cases) {
    t.deepEqual(await isogloss(...args), { exitCode: 2, stdout: '', stderr: message });
  }
});

test('help and version are data, and no failure', async (t) => {
  const version = await isogloss('--version');
  t.is(version.exitCode, 0);
  t.regex(version.stdout, /^isogloss \d+\.\d+\.\d+ \(commit \w+, protocol \d+\)\n$/);
  const help = await isogloss('doctor', '--help');
  t.is(help.exitCode, 0);
  t.true(help.stdout.startsWith('Usage: isogloss doctor'));
  t.is((await isogloss()).exitCode, 2);
});

test('the doctor finds this machine fit, as text and as JSON', async (t) => {
  const text = await isogloss('doctor', '--engine', 'reference');
  t.is(text.exitCode, 0, text.stderr);
  t.regex(text.stdout, /^ok {2}engine {3}reference: asked for$/m);
  const json = await isogloss('doctor', '--engine', 'reference', '--json');
  const { ok, rows } = JSON.parse(json.stdout);
  t.true(ok);
  t.true(rows.length >= 6);
});

test('the doctor shows an own aggregator by its hash, and the groups there are', async (t) => {
  const top = await temporaryFolder(t);
  const module = "export default { name: 'halves', weigh: ({ k }) => Array(k).fill(0.5) };\n";
  await writeFile(join(top, 'halves.mjs'), module);
  const rowsWith = async (name: string, options: Readonly<Record<string, unknown>>) => {
    const { configPath } = await writeTinyRun(join(top, name), options);
    const { stdout } = await isogloss('doctor', configPath, '--engine', 'reference', '--json');
    const { rows } = JSON.parse(stdout) as { rows: Record<string, unknown>[] };
    return rows.filter(({ name }) => name === 'aggregator' || name === 'groups');
  };
  const aggregator = { module: '../halves.mjs' };
  const [shown, wrong] = await rowsWith('own', { aggregator, groups: [['lm_haed', 0]] });
  const hash = createHash('sha256').update(module).digest('hex').slice(0, 12);
  const path = join(top, 'halves.mjs');
  t.like(shown, { ok: true, value: `halves, normalize none, from ${path} ${hash}` });
  t.like(wrong, { name: 'groups', ok: false, value: 'ConfigValueError' });
  t.regex(
    String(wrong!['remedy']),
    /groups\[0\]\[0\]: there is no lm_haed\. Layers: .*; buckets: 0/,
  );
  const [ours, right] = await rowsWith('ours', {
    aggregator: { name: 'upgrad', preference: { rus_Cyrl: 2 } },
    groups: [[0, 1]],
  });
  t.like(ours, { ok: true, value: 'upgrad preference=1,2, normalize none' });
  const [, groups, buckets] = /^(\d+) of (\d+) buckets$/.exec(String(right!['value']))!;
  t.is(Number(groups), Number(buckets) - 1);
});

test('the doctor tells what is wrong with a config, row by row, and exits with 1', async (t) => {
  const folder = await temporaryFolder(t);
  const server = createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const path = join(folder, 'my.yaml');
  await writeFile(
    path,
    `steps: 1
model: {path: ., sequenceLength: 8}
languages: [{id: a, role: seen, train: a.txt, eval: a.txt}]
optimizer: {name: sgd, learningRate: 1}
network: {listen: [/ip4/127.0.0.1/tcp/${port}]}
`,
  );
  const { exitCode, stdout } = await isogloss('doctor', path, '--json');
  t.is(exitCode, 1);
  const failed = JSON.parse(stdout).rows.filter((row: { ok: boolean }) => !row.ok);
  t.deepEqual(
    failed.map((row: { name: string; value: string }) => `${row.name}: ${row.value}`),
    ['model: ModelConfigError', 'listen: PortInUseError', 'data: DataFileError'],
  );
});
