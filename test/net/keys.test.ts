/** Identity and network key files: made once, read again, refused when they hold other things. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadIdentity, loadNetworkKey } from '../../node/net/index.ts';

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'isogloss-keys-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
}

test('an identity is made on first use, for its owner only, and stays the same', async (t) => {
  const path = join(await folder(t), 'identity.key');
  const first = await loadIdentity(path);
  const second = await loadIdentity(path);
  t.is(first.type, 'Ed25519');
  t.true(first.equals(second));
  t.is((await stat(path)).mode & 0o777, 0o600);
});

test('an identity file with other content is refused and left alone', async (t) => {
  const path = join(await folder(t), 'identity.key');
  await writeFile(path, 'not a key\n');
  await t.throwsAsync(loadIdentity(path), { name: 'KeyFileError', message: /holds no identity/ });
  t.is(await readFile(path, 'utf8'), 'not a key\n');
});

test('a network key is 64 hex digits; anything else is refused without showing it', async (t) => {
  const path = join(await folder(t), 'network.key');
  await t.throwsAsync(loadNetworkKey(path), { name: 'KeyFileError', message: /ENOENT/ });
  await writeFile(path, `${'0aF'.repeat(21)}1\n`);
  t.is((await loadNetworkKey(path)).length, 32);
  await writeFile(path, 'c0ffee');
  const error = await t.throwsAsync(loadNetworkKey(path), { name: 'KeyFileError' });
  t.regex(error?.message ?? '', /expected 64 hex digits, found 6/);
  t.notRegex(error?.message ?? '', /c0ffee/);
});
