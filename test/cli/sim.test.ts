/** `isogloss sim` from the outside: seeds, capsules, shrinking, and what a user may get wrong. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { capsuleOf, drawTrial, formatCapsule, type Trial } from '../../sim/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { callCommand } from './command.ts';

const SEED = 21;

function capsuleText(trial: Trial, change: (capsule: Record<string, unknown>) => void = () => {}) {
  const capsule = JSON.parse(formatCapsule(capsuleOf(trial, null, null, '0.0.0')));
  change(capsule);
  return JSON.stringify(capsule);
}

/** Nobody can be at the end in so short a time. */
function hopeless(): Trial {
  const trial = drawTrial(SEED, 'recoverable');
  const schedule = trial.schedule.filter(({ fault }) => fault !== 'stragglers');
  return { ...trial, schedule, scenario: { ...trial.scenario, patienceMs: 1 } };
}

test('a seed is told in full, and twice the same', async (t) => {
  const folder = await temporaryFolder(t);
  const one = await callCommand(folder, 'sim', '--seed', String(SEED));
  t.is(one.exitCode, 0, one.stderr);
  t.regex(one.stdout, /^\d+ nodes?, \d+ steps, units a step .*redundancy \d/);
  t.regex(one.stdout, /finished at root [0-9a-f]{12}… after .* events; trace [0-9a-f]{16}\n$/);
  t.deepEqual(await callCommand(folder, 'sim', '--seed', String(SEED)), one);
  const traced = await callCommand(folder, 'sim', '--seed', String(SEED), '--trace');
  t.true(traced.stdout.split('\n').length > one.stdout.split('\n').length + 100);
  t.true(traced.stdout.endsWith(one.stdout.trimEnd().split('\n').at(-1)!.concat('\n')));
});

test('the faults are listed, as JSON too', async (t) => {
  const folder = await temporaryFolder(t);
  const listed = await callCommand(folder, 'sim', '--faults', '--json');
  t.is(listed.exitCode, 0, listed.stderr);
  const { type, faults } = JSON.parse(listed.stdout);
  t.is(type, 'faults');
  const text = await callCommand(folder, 'sim', '--faults');
  const names = faults.map(({ fault }: { fault: string }) => fault);
  t.true(names.length > 5);
  for (const name of names) t.true(text.stdout.includes(name), name);
});

test('seeds end in a report, the same figures on one thread and on two', async (t) => {
  const folder = await temporaryFolder(t);
  const report = async (threads: string) => {
    const flags = ['--seeds', '0..11', '--json', '--threads', threads];
    const { exitCode, stdout, stderr } = await callCommand(folder, 'sim', ...flags);
    t.is(exitCode, 0, stderr);
    const { wallMs, ...figures } = JSON.parse(stdout);
    t.true(wallMs > 0);
    return figures;
  };
  const one = await report('1');
  t.is(one.type, 'report');
  t.is(one.seeds, 12);
  t.deepEqual(one.failed, []);
  t.true(one.events > 0);
  t.deepEqual(await report('2'), one);
});

test('a capsule is the same run as the seed that it was made from', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'one.json'), capsuleText(drawTrial(SEED)));
  const record = async (...flags: string[]) => {
    const { exitCode, stdout } = await callCommand(folder, 'sim', ...flags, '--json');
    t.is(exitCode, 0);
    const { seed: _seed, ...rest } = JSON.parse(stdout);
    return rest;
  };
  const ofSeed = await record('--seed', String(SEED));
  t.is(ofSeed.type, 'trial');
  t.is(ofSeed.violation, null);
  t.deepEqual(await record('--capsule', './one.json'), ofSeed);
});

test('a failure is shrunk to a capsule and a test, and the capsule fails again', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'hopeless.json'), capsuleText(hopeless()));
  const flags = ['--capsule', './hopeless.json', '--shrink', '--out', './small'];
  const { exitCode, stdout, stderr } = await callCommand(folder, 'sim', ...flags);
  t.is(exitCode, 1);
  t.regex(stderr, /not kept: /);
  t.regex(stderr, /again: .* sim --capsule hopeless\.json\n/);
  t.regex(stdout, /shrunk to 0 faults in \d+ runs/);
  const again = /again: .* sim (--capsule \S+)\n/.exec(stdout);
  t.is(again?.[1], '--capsule small/seed-by-hand.json');
  const capsule = JSON.parse(await readFile(join(folder, 'small/seed-by-hand.json'), 'utf8'));
  t.deepEqual(capsule.schedule, []);
  const replayed = await callCommand(folder, 'sim', '--capsule', './small/seed-by-hand.json');
  t.is(replayed.exitCode, 1);
  const checker = capsule.violation.checker;
  t.true(replayed.stderr.includes(`not kept: ${checker}`), replayed.stderr);
  const written = await readFile(join(folder, 'small/seed-by-hand.test.ts'), 'utf8');
  t.true(written.includes(checker) && written.includes('seed-by-hand.json'));
});

test('where nothing fails, it is said that there is nothing to shrink', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'one.json'), capsuleText(drawTrial(SEED)));
  for (const from of [
    ['--capsule', './one.json'],
    ['--seeds', '0..1'],
  ]) {
    const flags = [...from, '--shrink', '--out', './small'];
    const { exitCode, stderr } = await callCommand(folder, 'sim', ...flags);
    t.is(exitCode, 0, stderr);
    t.regex(stderr, /^nothing to shrink: no promise was broken$/m);
  }
});

const trial = drawTrial(SEED);

const BAD: readonly { what: string; text?: string; flags: string[]; says: RegExp }[] = [
  {
    what: 'a file that is not there',
    flags: ['--capsule', './none.json'],
    says: /^CapsuleError: none\.json can't be read/,
  },
  {
    what: 'a file that is not JSON',
    text: 'seed: 4',
    flags: ['--capsule', './bad.json'],
    says: /^CapsuleError: bad\.json is not JSON/,
  },
  {
    what: 'a capsule of another format',
    text: capsuleText(trial, (capsule) => {
      capsule['format'] = 99;
    }),
    flags: ['--capsule', './bad.json'],
    says: /^CapsuleError: bad\.json: format: /,
  },
  {
    what: 'a fault that has no such name',
    text: capsuleText(trial, (capsule) => {
      capsule['schedule'] = [{ fault: 'earthquake', atMs: 1, durationMs: 1, nodes: [], args: {} }];
    }),
    flags: ['--capsule', './bad.json'],
    says: /^CapsuleError: bad\.json: schedule\.0\.fault: /,
  },
  {
    what: 'a model without an oracle',
    text: capsuleText(trial, (capsule) => {
      const model = { kind: 'analytic', buckets: 4, bucketBytes: 64 };
      capsule['scenario'] = { ...trial.scenario, model };
    }),
    flags: ['--scenario', './bad.json', '--seeds', '0..3'],
    says: /^CapsuleError: bad\.json: scenario\.model\.kind: there is no oracle/,
  },
  { what: 'a range that runs backwards', flags: ['--seeds', '9..2'], says: /0\.\.999/ },
  { what: 'a seed that is no number', flags: ['--seed', 'x'], says: /whole number/ },
  { what: 'minutes that are none', flags: ['--minutes', '0'], says: /number above 0/ },
  ...[
    ['--trace', '--json'],
    ['--trace', '--seeds', '0..3'],
    ['--seed', '1', '--seeds', '0..3'],
    ['--seed', '1', '--capsule', './one.json'],
    ['--seeds', '0..3', '--capsule', './one.json'],
    ['--scenario', './one.json', '--capsule', './one.json'],
    ['--faults', '--seed', '1'],
  ].map((flags) => ({
    what: flags.join(' '),
    flags,
    says: /^UsageError: option '--\w+.*' cannot be used with option '--\w+.*'\. See/,
  })),
  { what: 'a mode that is none', flags: ['--mode', 'gentle'], says: /recoverable, beyond, core/ },
];

for (const { what, text, flags, says } of BAD) {
  test(`refused with one line: ${what}`, async (t) => {
    const folder = await temporaryFolder(t);
    if (text !== undefined) await writeFile(join(folder, 'bad.json'), text);
    const { exitCode, stdout, stderr } = await callCommand(folder, 'sim', ...flags);
    t.is(exitCode, 2, stderr);
    t.is(stdout, '');
    t.regex(stderr, says);
    t.is(stderr.trimEnd().split('\n').length, 1, stderr);
  });
}
