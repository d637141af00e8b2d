/**
 * A node among real ones that lies, or computes wrongly, where all audit every step: the others
 * name it, refuse it, and end in the oracle's bits.
 */
import test from 'ava';
import { loadConfig } from '../../node/cli/config/index.ts';
import { openJob, openRunCompute, oracleRunOf } from '../../node/cli/job/index.ts';
import { paramsHashOf } from '../../node/model/index.ts';
import { runOracle } from '../../sim/index.ts';
import { startCommand } from '../cli/command.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';

const HONEST = ['kestrel', 'merlin'] as const;
const LIAR = 'hobby';

async function expectedOf(configPath: string): Promise<string> {
  const job = await openJob(await loadConfig(configPath));
  const compute = await openRunCompute(job, 'onnx', 1);
  const { parameters } = await runOracle(oracleRunOf(job, compute));
  await compute.close();
  return paramsHashOf([parameters]);
}

for (const lie of ['sums', 'updates', 'gradients', 'optimizer']) {
  test.serial(`a node whose ${lie} are wrong is named and refused by real nodes`, async (t) => {
    const folder = await temporaryFolder(t);
    const { configPath } = await writeTinyRun(folder, { steps: 80, audit: { rate: 1 } });
    const paramsHash = await expectedOf(configPath);
    const addresses: string[] = [];
    const start = async (name: string, env: Readonly<Record<string, string>> = {}) => {
      const peers = addresses.flatMap((address) => ['--peer', address]);
      const own = ['--nodes', '3', '--out', `out-${name}`, '--set', `network.name=${name}`];
      const args = ['node', 'my.yaml', ...own, ...peers, '--json'];
      const node = startCommand({ t, env }, folder, ...args);
      const [, address] = await node.says(new RegExp(`${name} listens on (\\S+)`));
      addresses.push(address!);
      return node;
    };
    const helper = new URL('../helpers/plant-lie.ts', import.meta.url).href;
    const kestrel = await start(HONEST[0]);
    const merlin = await start(HONEST[1]);
    await start(LIAR, { NODE_OPTIONS: `--import ${helper}`, ISOGLOSS_TEST_LIE: lie });
    const ends = await Promise.all([kestrel.ended, merlin.ended]);
    for (const { exitCode, stdout, stderr } of ends) {
      t.is(exitCode, 0, stderr);
      const report = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
      t.is(report.paramsHash, paramsHash);
      t.notRegex(stderr, /(kestrel|merlin) is refused/);
    }
    const said = ends.map(({ stderr }) => stderr).join('\n');
    const [named] = /hobby is refused from now on\. Step (\d+): .*/.exec(said) ?? [];
    // Who believes its own wrong gradients may be the first to refuse, before it says one of them.
    const hangsUp = /hobby \(\S+\) closed the connection: \w+: your sum .* is not what I computed/;
    const isGone = lie === 'gradients' && hangsUp.test(said);
    t.true(named !== undefined || isGone, said);
    t.log(named ?? 'it hung up first');
  });
}
