/**
 * A node among real ones that lies, or computes wrongly, where all audit every step: the others
 * name it, refuse it, and end in the oracle's bits.
 */
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../node/cli/config/index.ts';
import { openJob, openRunCompute, oracleRunOf } from '../../node/cli/job/index.ts';
import { paramsHashOf } from '../../node/model/index.ts';
import { runOracle } from '../../sim/index.ts';
import { type Outcome, startCommand } from '../cli/command.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';

const HONEST = ['kestrel', 'merlin'] as const;
const LIAR = 'hobby';
/** What every node has of its own. */
const OWN: readonly string[] = [];

async function expectedOf(configPath: string): Promise<string> {
  const job = await openJob(await loadConfig(configPath));
  const compute = await openRunCompute(job, 'onnx', 1);
  const { parameters } = await runOracle(oracleRunOf(job, compute));
  await compute.close();
  return paramsHashOf([parameters]);
}

/** Three nodes of one run, the last of which lies; resolves with how the honest ones ended. */
async function liveWithLiar(
  t: ExecutionContext,
  lie: string,
  rate: number,
): Promise<{ readonly ends: readonly Outcome[]; readonly configPath: string }> {
  const folder = await temporaryFolder(t);
  const { configPath } = await writeTinyRun(folder, { steps: 80, audit: { rate } });
  const addresses: string[] = [];
  const start = async (name: string, env: Readonly<Record<string, string>> = {}, more = OWN) => {
    const peers = addresses.flatMap((address) => ['--peer', address]);
    const own = ['--nodes', '3', '--out', `out-${name}`, '--set', `network.name=${name}`];
    const args = ['node', 'my.yaml', ...own, ...more, ...peers, '--json'];
    const node = startCommand({ t, env }, folder, ...args);
    const [, address] = await node.says(new RegExp(`${name} listens on (\\S+)`));
    addresses.push(address!);
    return node;
  };
  const helper = new URL('../helpers/plant-lie.ts', import.meta.url).href;
  const kestrel = await start(HONEST[0]);
  const merlin = await start(HONEST[1]);
  const env = { NODE_OPTIONS: `--import ${helper}`, ISOGLOSS_TEST_LIE: lie };
  // Who believes its own wrong numbers would refuse the others first.
  await start(LIAR, env, rate < 1 ? ['--set', 'audit.rate=0'] : OWN);
  return { ends: await Promise.all([kestrel.ended, merlin.ended]), configPath };
}

for (const lie of ['sums', 'updates', 'gradients', 'optimizer']) {
  test.serial(`a node whose ${lie} are wrong is named and refused by real nodes`, async (t) => {
    const { ends, configPath } = await liveWithLiar(t, lie, 1);
    const paramsHash = await expectedOf(configPath);
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

test.serial('where some steps are audited, who lied is named, and not who used it', async (t) => {
  const { ends } = await liveWithLiar(t, 'gradients', 0.5);
  const said = ends.map(({ stderr }) => stderr).join('\n');
  t.notRegex(said, /(kestrel|merlin) is refused/);
  const [named] = /hobby is refused from now on\. Step (\d+): .*/.exec(said) ?? [];
  t.true(named !== undefined, said);
  t.log(named);
});
