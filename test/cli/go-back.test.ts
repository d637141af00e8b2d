/** A run whose steps are wrong: what `verify` says of it, and how it goes on as it should have. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { callCommand, runCommand, startCommand } from './command.ts';

/** Both nodes compute step 21 and all that follow wrongly, so that none of them sees it. */
const LIE = {
  NODE_OPTIONS: `--import ${new URL('../helpers/plant-lie.ts', import.meta.url).href}`,
  ISOGLOSS_TEST_LIE: 'gradients',
};
const RUN = ['local', 'my.yaml', '--nodes', '2', '--json'];

const paramsOf = (stdout: string) => JSON.parse(stdout.trimEnd().split('\n').at(-1)!).paramsHash;

test.serial('a wrong run goes on from the checkpoint that verify names', async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder, { steps: 30, output: { checkpointEverySteps: 15 } });
  const wrong = await startCommand({ t, env: LIE }, folder, ...RUN, '--out', 'out').ended;
  t.is(wrong.exitCode, 0, wrong.stderr);
  const told = await callCommand(folder, 'verify', './out');
  t.is(told.exitCode, 1);
  t.regex(told.stdout, /10 of 30 steps differ, first step 21; the parameters are not those/);
  t.regex(told.stdout, /^out\/checkpoint-15 is right: --resume out\/checkpoint-15 goes on from/m);

  const back = ['--out', 'out', '--resume', 'out/checkpoint-15'];
  const mended = await runCommand(t, folder, ...RUN, ...back);
  t.is(mended.exitCode, 0, mended.stderr);
  t.regex(mended.stderr, /newer than checkpoint-15, .*set aside: .*checkpoint-30\.aside$/m);
  const right = await runCommand(t, folder, ...RUN, '--out', 'right');
  t.is(paramsOf(mended.stdout), paramsOf(right.stdout));
  t.not(paramsOf(mended.stdout), paramsOf(wrong.stdout));
  const verified = await callCommand(folder, 'verify', './out');
  t.is(verified.exitCode, 0, verified.stdout);
  t.regex(verified.stdout, /the same roots, and the parameters of report\.json\n$/);

  // A damaged one is no hindrance either when the run comes to its step again.
  await writeFile(join(folder, 'out', 'checkpoint-30', 'model.safetensors'), 'nothing');
  const again = await runCommand(t, folder, ...RUN, '--out', 'out', '--resume');
  t.regex(again.stderr, /CheckpointCorruptError .* An older one is taken\.$/m);
  t.regex(again.stderr, /checkpoint-30 was there already, and is .*checkpoint-30\.aside-2 now$/m);
  t.is(paramsOf(again.stdout), paramsOf(right.stdout));
  const names = await readdir(join(folder, 'out'));
  t.deepEqual(names.filter((name) => name.startsWith('checkpoint-')).sort(), [
    'checkpoint-15',
    'checkpoint-30',
    'checkpoint-30.aside',
    'checkpoint-30.aside-2',
  ]);
});
