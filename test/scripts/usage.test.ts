/** What scripts say of themselves, and of flags that they do not have. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { usageOf } from '../../scripts/usage.ts';

const SCRIPTS = readdirSync('scripts').filter(
  (file) => file.endsWith('.ts') && readFileSync(`scripts/${file}`, 'utf8').includes('parseArgs('),
);
const run = (script: string, ...flags: string[]) =>
  spawnSync(process.execPath, [`scripts/${script}`, ...flags], { encoding: 'utf8' });

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
    ['bench-resolve.ts', '--only', 'solv'],
    ['bench-resolve.ts', '--methods', 'mgad'],
    ['bench-step.ts', '--shape', 'huge'],
    ['bench-sim.ts', '--only', 'sede'],
    ['bench-sim.ts', '--seeds', '0'],
    ['bench-chaos.ts', '--minutes', 'ten'],
    ['bench-memory.ts', '--every', '1'],
    ['bench.ts', '--only', 'nets'],
    ['zoo.ts', 'no-such-bug'],
    ['bench-mutation.ts', 'node/resolve/nope.ts:1-2'],
    ['reproduce-rps.ts', '--housing', 'no-such-file.csv'],
  ] as const) {
    const { status, stderr } = run(script, ...flags);
    t.is(status, 2);
    t.regex(
      stderr,
      /^(there is no|no method|no such bug|ENOENT: no such file|--\w+ \S+: expected)/,
    );
  }
});
