/** Atomic writes: a reader sees the whole or nothing, and leftovers of a kill are swept away. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import {
  removeFolderAtomic,
  removeTemporaries,
  TargetExistsError,
  temporaryName,
  writeFileAtomic,
  writeFolderAtomic,
} from '../../node/files/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('a folder appears only when it is filled', async (t) => {
  const parent = await temporaryFolder(t);
  const target = join(parent, 'checkpoint-1');
  await writeFolderAtomic(target, async (folder) => {
    t.is(folder, temporaryName(target));
    await mkdir(join(folder, 'isogloss'));
    await writeFile(join(folder, 'isogloss', 'a'), 'one');
    t.deepEqual(await readdir(parent), ['.checkpoint-1.partial']);
  });
  t.deepEqual(await readdir(parent), ['checkpoint-1']);
  t.is(await readFile(join(target, 'isogloss', 'a'), 'utf8'), 'one');
});

test('what fails while it is filled leaves nothing', async (t) => {
  const parent = await temporaryFolder(t);
  const written = writeFolderAtomic(join(parent, 'model'), async (folder) => {
    await writeFile(join(folder, 'a'), 'one');
    throw new RangeError('no more disk');
  });
  await t.throwsAsync(written, { instanceOf: RangeError });
  t.deepEqual(await readdir(parent), []);
});

test('a folder that holds something is never written over, an empty one is', async (t) => {
  const parent = await temporaryFolder(t);
  const target = join(parent, 'model');
  await mkdir(target);
  await writeFolderAtomic(target, (folder) => writeFile(join(folder, 'a'), 'one'));
  const again = writeFolderAtomic(target, (folder) => writeFile(join(folder, 'a'), 'two'));
  await t.throwsAsync(again, { instanceOf: TargetExistsError });
  t.is(await readFile(join(target, 'a'), 'utf8'), 'one');
  await writeFile(join(parent, 'file'), '');
  const onFile = writeFolderAtomic(join(parent, 'file'), async () => {});
  await t.throwsAsync(onFile, { instanceOf: TargetExistsError });
});

test('what a killed writer left is no obstacle and is swept away', async (t) => {
  const parent = await temporaryFolder(t);
  await mkdir(join(parent, '.model.partial', 'deep'), { recursive: true });
  await mkdir(join(parent, '.other.partial'));
  await writeFile(join(parent, '.report.json.partial'), '{');
  await writeFolderAtomic(join(parent, 'model'), (folder) => writeFile(join(folder, 'a'), 'one'));
  t.deepEqual(await readdir(join(parent, 'model')), ['a']);
  t.deepEqual(await removeTemporaries(parent), ['.other.partial', '.report.json.partial']);
  t.deepEqual(await readdir(parent), ['model']);
  t.deepEqual(await removeTemporaries(join(parent, 'nowhere')), []);
});

test('a file is replaced as a whole', async (t) => {
  const parent = await temporaryFolder(t);
  const path = join(parent, 'report.json');
  await writeFileAtomic(path, '{"steps": 1}');
  await writeFileAtomic(path, '{}');
  t.is(await readFile(path, 'utf8'), '{}');
  t.deepEqual(await readdir(parent), ['report.json']);
});

test('a folder is removed as a whole', async (t) => {
  const parent = await temporaryFolder(t);
  await mkdir(join(parent, 'checkpoint-1', 'isogloss'), { recursive: true });
  await removeFolderAtomic(join(parent, 'checkpoint-1'));
  t.deepEqual(await readdir(parent), []);
});
