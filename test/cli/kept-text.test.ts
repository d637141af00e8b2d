/**
 * Text that only one node has: the others do without the file, and all end in the oracle's bits;
 * while that node is gone the run waits, and says for whom.
 */
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { stringify } from 'yaml';
import { loadConfig } from '../../node/cli/config/index.ts';
import { openJob, openRunCompute, oracleRunOf } from '../../node/cli/job/index.ts';
import { readText } from '../../node/data/index.ts';
import { paramsHashOf } from '../../node/model/index.ts';
import { runOracle } from '../../sim/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { TINY_CONFIG, writeTinyRun } from '../helpers/tiny-run.ts';
import { callCommand, startCommand } from './command.ts';

/** Enough for a node to go and come back in the middle of them. */
const CHANGES = { steps: 300, output: { checkpointEverySteps: 20 } };

/** The run with its Russian text kept by merlin, and what that text is. */
async function keptRun(folder: string, sha256?: string) {
  const { configPath } = await writeTinyRun(folder);
  const { hash } = await readText('rus.txt', folder);
  const at = { rus_Cyrl: { nodes: ['merlin'], sha256: sha256 ?? hash } };
  const config = { ...TINY_CONFIG, ...CHANGES, data: { unitSequences: 2, at } };
  await writeFile(configPath, stringify(config));
  return configPath;
}

const lastLine = (text: string) => JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');

test.serial('a node without the file ends in the same bits as the one that has it', async (t) => {
  const root = await temporaryFolder(t);
  const [full, less] = [join(root, 'full'), join(root, 'less')];
  const configPath = await keptRun(full);
  await cp(full, less, { recursive: true });
  for (const file of ['rus.txt', 'rus.dev.txt']) await rm(join(less, file));
  const job = await openJob(await loadConfig(configPath));
  const compute = await openRunCompute(job, 'onnx', 1);
  const { parameters } = await runOracle(oracleRunOf(job, compute));
  await compute.close();

  const flags = (name: string) => ['--nodes', '2', '--set', `network.name=${name}`, '--json'];
  const merlin = startCommand(t, full, 'node', 'my.yaml', '--out', 'out', ...flags('merlin'));
  const [, address] = await merlin.says(/merlin listens on (\S+)/);
  const own = ['--out', 'out', '--peer', address!, ...flags('kestrel')];
  const kestrel = startCommand(t, less, 'node', 'my.yaml', ...own);

  await merlin.says(/"type":"step".*"step":40,/, 'stdout');
  merlin.child.kill('SIGKILL');
  await merlin.ended;
  await kestrel.says(/nobody who is here has the text of rus_Cyrl, which merlin has/);
  const status = await callCommand(less, 'status', './out');
  t.regex(status.stdout, /kestrel: nobody who is here has the text of rus_Cyrl: merlin is missing/);

  const back = [...flags('merlin'), '--resume', '--peer', await addressOf(kestrel)];
  const again = startCommand(t, full, 'node', 'my.yaml', '--out', 'out', ...back);
  for (const { ended } of [kestrel, again]) {
    const { exitCode, stdout, stderr } = await ended;
    t.is(exitCode, 0, stderr);
    t.is(lastLine(stdout).paramsHash, paramsHashOf([parameters]));
  }
  const languages = lastLine((await kestrel.ended).stdout).languages as { language: string }[];
  t.deepEqual(
    languages.map(({ language }) => language),
    ['swh_Latn', 'zul_Latn'],
  );
});

async function addressOf(node: ReturnType<typeof startCommand>): Promise<string> {
  return (await node.says(/kestrel listens on (\S+)/))[1]!;
}

test('text that is not the one that the config means is refused', async (t) => {
  const folder = await temporaryFolder(t);
  await keptRun(folder, '0'.repeat(64));
  const { exitCode, stderr } = await callCommand(folder, 'local', './my.yaml', '--nodes', '2');
  t.is(exitCode, 2);
  t.regex(
    stderr,
    /ConfigValueError my\.yaml:\d+:\d+: data\.at\.rus_Cyrl\.sha256 is 0{64}, and the/,
  );
});

test('local refuses a run whose text none of its nodes has', async (t) => {
  const folder = await temporaryFolder(t);
  await keptRun(folder);
  const { exitCode, stderr } = await callCommand(folder, 'local', './my.yaml', '--nodes', '1');
  t.is(exitCode, 2);
  t.regex(stderr, /data\.at\.rus_Cyrl\.nodes are merlin, and local starts kestrel/);
});
