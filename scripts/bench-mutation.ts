/**
 * `npm run bench:mutation`: what the tests of node/resolve notice. Stryker changes the solvers and
 * the certificate in one place after the other and runs the tests each time; a change that no test
 * minds survived, and is printed unless explained.json says why it changes nothing.
 *
 *     npm run bench:mutation -- node/resolve/min-norm.ts
 *
 * Without names all solvers: some seconds a change, hours in all. Texts are not changed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { outcomeOf } from './bench-mutation/report.ts';
import { orUsage } from './usage.ts';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = join(TOP, '.cache', 'mutation');
const REPORT = join(FOLDER, 'mutation.json');
/** Fetched where it is needed, so that nobody else waits for it. */
const STRYKER = '@stryker-mutator/core@10.1.1';

const SOLVERS = [
  'balance',
  'bounded-active-set',
  'bounded-min-norm',
  'cagrad-dual',
  'certificate',
  'cholesky',
  'doubled',
  'dual-cone',
  'eigen',
  'fixed-point',
  'gap',
  'min-norm',
  'passive-set',
  'ranking',
  'reflections',
  'residuals',
  'rotations',
  'simplex',
  'within-bounds',
].map((name) => `node/resolve/${name}.ts`);
/** Bits find most, in a second; the others are only run where those found nothing. */
const TESTS = [
  ['cholesky', 'min-norm', 'bounded-min-norm', 'dual-cone', 'eigen', 'rotations', 'residuals'],
  ['bounded-active-set', 'cagrad-dual', 'fixed-point', 'certificate', 'vectors', 'method-vectors'],
  ['reference', 'properties', 'identities', 'balance', 'true-certificate', 'resolve', 'groups'],
];
const RUNS = TESTS.map((names) => {
  const files = names.map((name) => `test/resolve/${name}.test.ts`).join(' ');
  // What only shows that many languages have an answer takes longest, and finds least.
  const fewer = "--match='!*as many languages*'";
  return `node node_modules/ava/entrypoints/cli.mjs --fail-fast ${fewer} ${files}`;
});
const COMMAND = ['node scripts/bench-mutation/bits.ts', ...RUNS].join(' && ');

const { values: flags, positionals } = orUsage(import.meta.filename, () =>
  parseArgs({
    allowPositionals: true,
    options: { concurrency: { type: 'string', default: '2' } },
  }),
);

const missing = positionals.find((name) => !existsSync(join(TOP, name.replace(/:[\d-]+$/, ''))));
if (missing !== undefined) {
  console.error(`there is no file ${missing}; names are as node/resolve/min-norm.ts:36-56`);
  process.exit(2);
}
mkdirSync(FOLDER, { recursive: true });
const config = join(FOLDER, 'stryker.json');
writeFileSync(
  config,
  JSON.stringify({
    testRunner: 'command',
    commandRunner: { command: COMMAND },
    mutate: positionals.length > 0 ? positionals : SOLVERS,
    mutator: { excludedMutations: ['StringLiteral'] },
    ignorePatterns: ['.cache', 'dist', 'runs', 'docs', 'examples', 'test/fixtures/model'],
    tempDirName: join(FOLDER, 'sandbox'),
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: REPORT },
    concurrency: Number(flags.concurrency),
    // A loop that no longer ends; tests take some seconds, more where the machine is busy.
    timeoutMS: 40_000,
    // Nothing is compiled: there is no configuration of TypeScript to be adapted.
    tsconfigFile: 'none.json',
    allowEmpty: false,
  }),
);
const args = ['--yes', '--package', STRYKER, 'stryker', 'run', config];
const { status } = spawnSync('npx', args, { cwd: TOP, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

const explained = JSON.parse(
  readFileSync(new URL('./bench-mutation/explained.json', import.meta.url), 'utf8'),
);
const { lines, unexplained } = outcomeOf(JSON.parse(readFileSync(REPORT, 'utf8')), explained);
for (const line of lines) console.log(line);
if (unexplained > 0) process.exit(1);
