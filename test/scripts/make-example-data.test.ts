/** The committed example text is what its script makes, and keeps evaluation out of training. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { LANGUAGES } from '../../scripts/example-data/languages.ts';
import { makeExampleData } from '../../scripts/make-example-data.ts';

const COMMITTED = join(import.meta.dirname, '../../examples');

const text = (name: string) => readFileSync(join(COMMITTED, name), 'utf8');
const documents = (name: string) => text(name).split('\n').filter(Boolean);
const withRole = (...roles: string[]) => LANGUAGES.filter(({ role }) => roles.includes(role));

test('the script makes the committed files again, byte for byte', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'isogloss-example-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  makeExampleData(folder);
  for (const part of ['udhr', 'base']) {
    const made = readdirSync(join(folder, part));
    t.true(made.length > 0);
    for (const name of made) {
      t.deepEqual(
        readFileSync(join(folder, part, name)),
        readFileSync(join(COMMITTED, part, name)),
      );
    }
    const ours = /\.txt$|^index\.json$/;
    t.deepEqual(
      readdirSync(join(COMMITTED, part)).filter((name) => ours.test(name)),
      made,
    );
  }
});

test('no evaluation article of any language is in any training text', (t) => {
  const names = withRole('seen', 'unseen').map(({ id }) => `udhr/${id}`);
  const training = new Set(
    [...names, 'base/base'].flatMap((name) => documents(`${name}.train.txt`)),
  );
  for (const name of [...names, 'base/base']) {
    for (const line of documents(`${name}.dev.txt`)) t.false(training.has(line), line);
  }
  for (const name of names) {
    t.is(documents(`${name}.train.txt`).length, 24);
    t.is(documents(`${name}.dev.txt`).length, 6);
  }
});

test('the base learned at least 60 languages, none of the example, and every script of it', (t) => {
  const base = withRole('base');
  const example = withRole('seen', 'unseen');
  t.true(base.length >= 60);
  const iso = new Set(base.map(({ id }) => id.slice(0, 3)));
  const scripts = new Set(base.map(({ id }) => id.slice(-4)));
  for (const { id } of example) {
    t.false(iso.has(id.slice(0, 3)), id);
    t.true(scripts.has(id.slice(-4)), id);
  }
  t.is(documents('base/base.train.txt').length, 24 * base.length);
});

test('every document is one line in NFC without damaged characters', (t) => {
  for (const part of ['udhr', 'base']) {
    for (const name of readdirSync(join(COMMITTED, part)).filter((file) => file.endsWith('.txt'))) {
      const content = text(`${part}/${name}`);
      t.is(content, content.normalize('NFC'), name);
      t.notRegex(content, /[\r\uFEFF\uFFFD]/u, name);
    }
  }
});
