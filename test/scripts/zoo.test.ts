/** The bug zoo: every bug can be planted, and the swarm finds those that the design fears most. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { bugs } from '../../scripts/zoo/bugs.ts';

const ROOT = new URL('../../', import.meta.url);
const HUNT = fileURLToPath(new URL('scripts/zoo/hunt.ts', ROOT));
const run = promisify(execFile);

test('every patch finds its place once, and changes it', (t) => {
  t.true(bugs.length >= 20);
  t.is(new Set(bugs.map(({ name }) => name)).size, bugs.length);
  for (const { name, patches } of bugs) {
    for (const { file, find, replace } of patches) {
      const text = readFileSync(new URL(file, ROOT), 'utf8');
      t.is(text.split(find).length - 1, 1, `${name}: ${file} has it once`);
      t.not(find, replace, name);
    }
  }
});

async function hunt(name: string, seeds: number): Promise<{ seed: number; checker: string }> {
  const { stdout } = await run(process.execPath, [HUNT, name, '0', String(seeds - 1)]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

for (const [name, seen] of [
  ['told too early', 'every holder can go on'],
  ['forgotten too early', 'every holder can go on'],
  ['moves on alone', 'every holder can go on'],
  ['parameters kept', 'two steps are kept'],
  ['ends too early', 'nobody ends too early'],
  ['not finite at once', 'numbers are sound'],
] as const) {
  test(`a rule of the design taken away is seen within ten seeds: ${name}`, async (t) => {
    const { seed, checker } = await hunt(name, 10);
    t.true(seed !== null && seed < 10);
    t.is(checker, seen);
  });
}
