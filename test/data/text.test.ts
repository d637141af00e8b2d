/** Text of files, folders, patterns and lists: order, hashes and what is refused. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { DataFileError, DataRecordError, readText } from '../../node/data/index.ts';

/** A folder with these files, gone after the test. */
function folderOf(t: ExecutionContext, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'isogloss-data-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const FILES = {
  'sw/b.txt': 'tatu\n',
  'sw/a.jsonl': '{"text":"moja"}\n{"text":"mbili"}\n',
  'sw/deep/c.txt': 'nne\n',
  'sw/notes.md': 'not data',
  'other.txt': 'tano',
};

test('a file, a folder, a pattern and a list are read in the order of the paths', async (t) => {
  const folder = folderOf(t, FILES);
  const documents = async (source: string | string[]) => (await readText(source, folder)).documents;
  t.deepEqual(await documents('sw/b.txt'), ['tatu']);
  t.deepEqual(await documents('sw'), ['moja', 'mbili', 'tatu', 'nne']);
  t.deepEqual(await documents('sw/*.txt'), ['tatu']);
  t.deepEqual(await documents('s?/**/*.txt'), ['tatu', 'nne']);
  t.deepEqual(await documents(['other.txt', 'sw/*.jsonl']), ['tano', 'moja', 'mbili']);
  t.deepEqual(await documents(join(folder, 'sw/*.txt')), ['tatu']);
});

test('the text tells its files with their hashes, its bytes and its empty records', async (t) => {
  const folder = folderOf(t, { 'a.txt': 'é\n\nbc\n' });
  const text = await readText('a.txt', folder);
  t.is(text.bytes, 4);
  t.is(text.empty, 1);
  t.is(text.files.length, 1);
  t.like(text.files[0], { path: 'a.txt', documents: 2, bytes: 7 });
  t.regex(text.files[0]!.sha256, /^[0-9a-f]{64}$/);
});

test('the hash depends on the documents alone', async (t) => {
  const folder = folderOf(t, {
    'a.txt': 'one\ntwo\n',
    'crlf.txt': '\uFEFFone\r\n\r\ntwo',
    'a.jsonl': '{"text":"one"}\n{"text":"two"}\n',
    'split/1.txt': 'one\n',
    'split/2.txt': 'two\n',
    'turned.txt': 'two\none\n',
    'joined.txt': 'onetwo\n',
    'moved.txt': 'onet\nwo\n',
  });
  const hash = async (source: string) => (await readText(source, folder)).hash;
  const first = await hash('a.txt');
  for (const same of ['crlf.txt', 'a.jsonl', 'split']) t.is(await hash(same), first, same);
  for (const other of ['turned.txt', 'joined.txt', 'moved.txt']) t.not(await hash(other), first);
});

test('a link is read as the file that it leads to', async (t) => {
  const folder = folderOf(t, { 'blobs/0a1b': 'one\n' });
  mkdirSync(join(folder, 'snapshot'));
  symlinkSync(join(folder, 'blobs/0a1b'), join(folder, 'snapshot/a.txt'));
  t.deepEqual((await readText('snapshot/*.txt', folder)).documents, ['one']);
});

test('what is missing, empty, unknown or named twice is a DataFileError', async (t) => {
  const folder = folderOf(t, { ...FILES, 'empty.txt': '', 'blank.txt': ' \n\n', 'none/a.md': '' });
  const fails = async (source: string | string[], message: RegExp) => {
    const error = await t.throwsAsync(readText(source, folder), { instanceOf: DataFileError });
    t.is(error.exitCode, 2);
    t.regex(error.message, message);
  };
  await fails('swh.txt', /^swh\.txt: no such file or folder in .+ Correct the path/);
  await fails('sw/*.gz', /no file matches/);
  await fails('none', /no \.txt or \.jsonl file in this folder/);
  await fails('empty.txt', /^empty\.txt: empty: not one document/);
  await fails('blank.txt', /^blank\.txt: empty/);
  await fails('sw/notes.md', /not a kind of file that is read yet/);
  await fails(['sw', 'sw/b.txt'], /^sw\/b\.txt: named twice/);
});

test('a bad record is reported with the path of the config', async (t) => {
  const folder = folderOf(t, { 'sw/a.jsonl': '{"text":"moja"}\n{}\n' });
  const error = await t.throwsAsync(readText('sw', folder), { instanceOf: DataRecordError });
  t.regex(error.message, /^sw\/a\.jsonl:2: /);
});
