/** Where a run goes on in its folder, and what of it stays there. */
import { readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../node/cli/config/index.ts';
import { type Job, newestOfRun, openJob } from '../../node/cli/job/index.ts';
import { openCheckpoint } from '../../node/store/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { NUMERICS_CLASS, writeTinyCheckpoint } from './tiny-checkpoint.ts';

/** A run's folder, as its nodes and whoever assembled left it. */
async function aRun(t: ExecutionContext, changes: Readonly<Record<string, unknown>> = {}) {
  const folder = await temporaryFolder(t);
  const { configPath } = await writeTinyRun(folder, changes);
  const tiny = await openJob(await loadConfig(configPath));
  const { config, tokenizer } = tiny.model.hashes;
  const write = (step: number) => writeTinyCheckpoint(folder, step, 3, { config, tokenizer });
  const { assembled } = await write(0);
  const { run } = (await openCheckpoint(assembled)).manifest;
  const job: Job = { ...tiny, manifest: run };
  const notes: string[] = [];
  return {
    folder,
    write,
    notes,
    newest: () => newestOfRun(job, NUMERICS_CLASS, folder, (text) => notes.push(text)),
    kept: async () => (await readdir(folder)).filter((name) => name.startsWith('check')).sort(),
  };
}

test('what is assembled where a run goes on takes the place of the oldest', async (t) => {
  const { write, newest, kept, notes } = await aRun(t);
  for (const step of [1, 2, 3]) {
    const { assembled } = await write(step);
    await rm(assembled, { recursive: true });
    t.is((await newest())?.manifest.step, step);
  }
  t.deepEqual(await kept(), ['checkpoint-2', 'checkpoint-3']);
  t.deepEqual(notes, []);
});

test('as many stay as the config says', async (t) => {
  const { write, newest, kept } = await aRun(t, { output: { checkpointsKept: 3 } });
  for (const step of [1, 2, 3]) await rm((await write(step)).assembled, { recursive: true });
  await newest();
  await write(4).then(({ assembled }) => rm(assembled, { recursive: true }));
  await newest();
  t.deepEqual(await kept(), ['checkpoint-0', 'checkpoint-3', 'checkpoint-4']);
});

test('what is assembled stays, whatever damaged ones are newer', async (t) => {
  const { folder, write, newest, kept, notes } = await aRun(t);
  const { assembled } = await write(1);
  await rm(assembled, { recursive: true });
  for (const step of [2, 3]) {
    const damaged = await write(step);
    await truncate(join(damaged.assembled, 'model.safetensors'), 100);
    for (const part of damaged.parts) await rm(part, { recursive: true });
  }
  // Both nodes' parts of step 1 are the newest that make a whole.
  t.is((await newest())?.path, join(folder, 'checkpoint-1'));
  t.deepEqual(await kept(), ['checkpoint-1', 'checkpoint-2', 'checkpoint-3']);
  t.is(notes.length, 2);
});
