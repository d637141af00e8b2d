/** What the scripts around node/resolve say of themselves, and of flags that they do not have. */
import { spawnSync } from 'node:child_process';
import test from 'ava';
import { usageOf } from '../../scripts/usage.ts';

const SCRIPTS = ['bench-resolve', 'bench-step', 'bench-mutation', 'aggregator-pictures'];
const run = (script: string, ...flags: string[]) =>
  spawnSync(process.execPath, [`scripts/${script}.ts`, ...flags], { encoding: 'utf8' });

test('the usage of a script is the comment at its head, without its stars', (t) => {
  t.is(
    usageOf('/**\n * `it`: does it.\n *\n *     it -- x\n */\ncode();'),
    '`it`: does it.\n\n    it -- x',
  );
  t.is(usageOf('/** In one line. */\n/** Of something else. */'), 'In one line.');
});

for (const script of SCRIPTS) {
  test.serial(`${script} --help prints its usage, and an unknown flag is refused with it`, (t) => {
    const help = run(script, '--help');
    t.is(help.status, 0);
    t.true(help.stdout.length > 50 && !help.stdout.includes('*/'));
    const wrong = run(script, '--hlep');
    t.is(wrong.status, 2);
    t.is(wrong.stdout, '');
    t.true(wrong.stderr.includes("'--hlep'") && wrong.stderr.includes(help.stdout.trim()));
    t.false(wrong.stderr.includes('    at '), 'no stack');
  });
}

test('a part, a method or a shape that there is not is refused', (t) => {
  for (const [script, ...flags] of [
    ['bench-resolve', '--only', 'solv'],
    ['bench-resolve', '--methods', 'mgad'],
    ['bench-step', '--shape', 'huge'],
  ] as const) {
    const { status, stderr } = run(script, ...flags);
    t.is(status, 2);
    t.regex(stderr, /^(there is no|no method)/);
  }
});
