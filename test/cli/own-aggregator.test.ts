/** An aggregator of one's own, named in a config by its module. */
import { realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig, parseSet, resolvedYaml } from '../../node/cli/config/index.ts';
import { openJob, openRunCompute, oracleRunOf } from '../../node/cli/job/index.ts';
import { paramsHashOf } from '../../node/model/index.ts';
import { runOracle } from '../../sim/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { runCommand } from './command.ts';

const MODULE = `export default {
  name: 'inverse-square',
  doc: 'w in proportion to 1/|g|^2.',
  options: { floor: 0 },
  weigh({ gram, k, options }) {
    const raw = Float64Array.from({ length: k }, (_, i) => 1 / (options.floor + gram[i * k + i]));
    const sum = raw.reduce((a, b) => a + b);
    return raw.map((weight) => weight / sum);
  },
};
`;

async function tiny(t: ExecutionContext, aggregator: object, module = MODULE) {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'inverse.mjs'), module);
  const { configPath } = await writeTinyRun(folder, { aggregator });
  return { folder, configPath };
}

test("two processes end in the oracle's bits with an aggregator of one's own", async (t) => {
  const { folder, configPath } = await tiny(t, { module: 'inverse.mjs', floor: 0.25 });
  const job = await openJob(await loadConfig(configPath));
  const compute = await openRunCompute(job, 'onnx', 1);
  const { parameters } = await runOracle(oracleRunOf(job, compute));
  await compute.close();
  const args = ['local', 'my.yaml', '--nodes', '2', '--out', 'out', '--json'];
  const { exitCode, stdout, stderr } = await runCommand(t, folder, ...args);
  t.is(exitCode, 0, stderr);
  const report = JSON.parse(stdout.trim().split('\n').at(-1)!);
  t.is(report.paramsHash, paramsHashOf([parameters]));
  t.deepEqual(report.aggregator, { name: 'inverse-square', normalize: 'none' });
  const lines = stdout.trim().split('\n');
  const started = lines.map((line) => JSON.parse(line)).find(({ type }) => type === 'run');
  const module = await realpath(join(folder, 'inverse.mjs'));
  const shown = { name: 'inverse-square', normalize: 'none', options: { floor: 0.25 }, module };
  t.deepEqual(started.aggregator, shown);
});

test('its text is part of what a run is, and where it lies is not', async (t) => {
  const idOf = async (configPath: string) => (await openJob(await loadConfig(configPath))).runId;
  const first = await tiny(t, { module: 'inverse.mjs' });
  const elsewhere = await tiny(t, { module: 'inverse.mjs' });
  const other = await tiny(t, { module: 'inverse.mjs' }, `${MODULE}// And a word.\n`);
  t.is(await idOf(first.configPath), await idOf(elsewhere.configPath));
  t.not(await idOf(first.configPath), await idOf(other.configPath));
  const loaded = await loadConfig(first.configPath);
  const { manifest } = await openJob(loaded);
  t.regex(String(manifest.aggregator['module']), /^[0-9a-f]{64}$/);
  t.regex(resolvedYaml(loaded, join(first.folder, 'runs')), /module: \.\.\/inverse\.mjs/);
});

test('what is wrong with it is told with its place', async (t) => {
  const complaint = async (aggregator: object, module = MODULE) => {
    const { configPath } = await tiny(t, aggregator, module);
    const error = await t.throwsAsync(loadConfig(configPath));
    return `${error.name} ${error.message.replace(/^.*my\.yaml/, 'my.yaml')}`;
  };
  const own = { module: 'inverse.mjs' };
  const cases: [string, string, RegExp][] = [
    ['export const a = 1;', 'ConfigValueError', /exports it as default/],
    ['throw new Error("no");', 'ConfigValueError', /is "inverse\.mjs": no\. Correct the module/],
    ['export default { name: "B c" };', 'ConfigValueError', /name is "B c", expected a-z/],
    ['export default { name: "b" };', 'ConfigValueError', /b: weigh is no function/],
    ['export default { name: "mgda", weigh() {} };', 'ConfigValueError', /as one of ours is/],
    ['export default { name: "b", stateLength() {} };', 'ConfigValueError', /with state has weigh/],
  ];
  for (const [module, name, message] of cases) {
    const text = await complaint(own, module);
    t.true(text.startsWith(name) && message.test(text), text);
  }
  t.regex(await complaint({ module: 'no.mjs' }), /is "no\.mjs": there is no such file/);
  t.regex(await complaint({ module: 3 }), /aggregator\.module is no text/);
  t.regex(
    await complaint({ ...own, flor: 1 }),
    /^ConfigKeyError .*unknown key "flor" in aggregator\. Did you mean "floor"\?/,
  );
  t.regex(await complaint({ ...own, floor: 'low' }), /floor is "low", expected a number/);
});

test('a flag names it by a path from where the command is run', async (t) => {
  const { configPath, folder } = await tiny(t, { name: 'mgda' });
  const sets = [`aggregator={"module":"${join(folder, 'inverse.mjs')}"}`].map(parseSet);
  const { config, own } = await loadConfig(configPath, sets);
  t.is(config.aggregator.name, 'inverse-square');
  t.is(own?.path, join(folder, 'inverse.mjs'));
});

/** A run of one node whose own aggregator is this. */
async function mine(t: ExecutionContext, weigh: string, ...command: string[]) {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder, { aggregator: { module: './mine.mjs' } });
  await writeFile(join(folder, 'mine.mjs'), `export default { name: 'mine', ${weigh} };\n`);
  const { exitCode, stderr } = await runCommand(t, folder, ...command, 'my.yaml', '--nodes', '1');
  const said = stderr.split('\n').find((line) => line.includes('Error: ')) ?? stderr;
  return { exitCode, stderr, said: said.replace(/\S*(?=mine\.mjs)/, '') };
}

test('weights that are none are told in one line: module, step and bucket', async (t) => {
  const { exitCode, stderr, said } = await mine(t, 'weigh: ({ k }) => Array(k).fill(NaN)', 'node');
  t.is(exitCode, 2, stderr);
  t.regex(
    said,
    /^AggregatorError: step 0, bucket \d \([a-z_.0-9]+\): mine gives row 0 weight NaN, expected /,
  );
  t.regex(said, /, one a row\. Correct mine\.mjs\.$/);
  t.notRegex(stderr, /mistake in isogloss|^ {4}at /m);
});

test('so is what it throws at some later step, also as the launcher tells it', async (t) => {
  const text =
    'weigh({ k }) { globalThis.asked = (globalThis.asked ?? 0) + 1; ' +
    "if (globalThis.asked > 9) throw new TypeError('no such row'); return Array(k).fill(1 / k); }";
  const { exitCode, stderr, said } = await mine(t, text, 'local');
  t.is(exitCode, 2, stderr);
  const place = 'step 1, bucket \\d \\([a-z_.0-9]+\\)';
  t.regex(
    said,
    new RegExp(
      `AggregatorError: ${place}: mine throws TypeError: no such row\\. Correct mine\\.mjs\\.$`,
    ),
  );
});
