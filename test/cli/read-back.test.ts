/** What `local` writes is what `inspect` and `eval` read: the same hashes, and the same scores. */
import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { callCommand, runCommand } from './command.ts';

test("a finished run's folder is whole, and its model scores as the report says", async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder);
  const run = await runCommand(t, folder, 'local', 'my.yaml', '--nodes', '2', '--out', 'out');
  t.is(run.exitCode, 0, run.stderr);
  const report = JSON.parse(await readFile(join(folder, 'out', 'report.json'), 'utf8'));
  const whole = await callCommand(folder, 'inspect', './out', '--json');
  t.deepEqual([whole.exitCode, whole.stderr], [0, '']);
  const { model, checkpoints, problems } = JSON.parse(whole.stdout);
  t.deepEqual(problems, []);
  t.is(model.paramsHash, report.paramsHash);
  const last = checkpoints.at(-1);
  t.deepEqual([last.step, last.paramsHash, last.runId], [3, report.paramsHash, report.runId]);
  for (const path of ['./out', './out/checkpoint-3']) {
    const scored = await callCommand(folder, 'eval', path, '--json');
    const { languages, paramsHash, numericsClass } = JSON.parse(scored.stdout);
    t.deepEqual([paramsHash, numericsClass], [report.paramsHash, report.numericsClass]);
    const told = report.languages.map(
      (row: { language: string; lossAfter: number; bitsPerByteAfter: number }) => ({
        language: row.language,
        loss: row.lossAfter,
        bitsPerByte: row.bitsPerByteAfter,
      }),
    );
    const found = languages.map((row: { language: string; loss: number; bitsPerByte: number }) => ({
      language: row.language,
      loss: row.loss,
      bitsPerByte: row.bitsPerByte,
    }));
    t.deepEqual(found, told);
  }
  await truncate(join(folder, 'out', 'model', 'model.safetensors'), 1000);
  const torn = await callCommand(folder, 'inspect', './out');
  t.is(torn.exitCode, 1);
  t.regex(torn.stderr, /^SafetensorsError out\/model\/model\.safetensors: .*truncated/);
  t.regex(torn.stdout, /^checkpoint-3 +root [0-9a-f]{64}$/m);
});
