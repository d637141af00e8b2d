/**
 * Checks the package as others get it: packs the tarball, has its shape judged, installs it in an
 * empty project beside Node 24, and there runs the command, the shipped example, a program that
 * imports every entry, and seeds of the simulator, which must go the same way under an old Node.
 *
 *     npm run check:package
 */
import { type SpawnOptions, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const TOOLS = join(TOP, 'node_modules', '.bin');
const CONSUMER = 'consumer.ts';
/** What a project needs to run ours, and to check its own types against ours. */
const BESIDE = ['node@24', '@types/node@24'];
/** Reads modules, but is too old. */
const OLD_NODE = 'node@20';
const NODE_MAJOR_MIN = 24;
const TRACED_SEEDS = 20;

/** Compiled code, with types and map of each module; otherwise what `files` names. */
const EXPECTED = [
  /^dist\/(node|protocol|sim)\/[\w/-]+\.(js|js\.map|d\.ts)$/,
  /^dist\/commit\.txt$/,
  /^(docs|examples)\//,
  /^(package\.json|[A-Z]+(\.md)?)$/,
];

const folder = mkdtempSync(join(tmpdir(), 'isogloss-package-'));
try {
  const tarball = pack();
  say('publint', run(join(TOOLS, 'publint'), ['run', tarball, '--strict']));
  run(join(TOOLS, 'attw'), [tarball, '--profile', 'esm-only', '--quiet']);
  say('types', 'attw finds no problem for ES modules');
  install(tarball);
  checkManifest();
  checkCommand();
  checkImports();
  checkTraces();
  console.log('the package is what it should be');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The path of a fresh tarball. */
function pack(): string {
  const args = ['pack', '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(run('npm', args, { cwd: TOP })) as [
    { filename: string; size: number; files: { path: string }[] },
  ];
  const paths = packed.files.map(({ path }) => path);
  const strange = paths.filter((path) => !EXPECTED.some((pattern) => pattern.test(path)));
  check(strange.length === 0, `the tarball holds ${strange.join(', ')}`);
  const bare = paths
    .filter((path) => /^dist\/.*\.js$/.test(path))
    .filter(
      (path) => ![`${path}.map`, path.replace(/js$/, 'd.ts')].every((p) => paths.includes(p)),
    );
  check(bare.length === 0, `without types or source map: ${bare.join(', ')}`);
  say('packed', `${packed.filename}, ${packed.size} bytes, ${paths.length} files`);
  return join(folder, packed.filename);
}

function install(tarball: string): void {
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}\n');
  // As in the checkout: the native engine as it comes, without the download that it would add.
  writeFileSync(join(folder, '.npmrc'), 'onnxruntime-node-install=skip\n');
  run('npm', ['install', '--no-audit', '--no-fund', tarball, ...BESIDE]);
  say('installed', `with ${BESIDE.join(' and ')} in an empty project`);
}

function checkManifest(): void {
  const installed = join(folder, 'node_modules', 'isogloss', 'package.json');
  const { optionalDependencies, peerDependenciesMeta } = JSON.parse(
    readFileSync(installed, 'utf8'),
  );
  for (const name of Object.keys(peerDependenciesMeta)) {
    check(!(name in optionalDependencies), `${name} is a dependency of the package`);
    check(!existsSync(join(folder, 'node_modules', name)), `${name} was installed`);
  }
}

function checkCommand(): void {
  const version = run('npx', ['isogloss', '--version']);
  check(/^isogloss \S+ \(commit [0-9a-f]{12}, protocol \d+\)$/m.test(version), version);
  say('version', version);
  const report = JSON.parse(run('npx', ['isogloss', 'doctor', '--json']));
  const { value } = report.rows.find(({ name }: { name: string }) => name === 'engine');
  check(/^onnx\b/.test(value), `doctor's engine is ${value}`);
  say('doctor', `${report.rows.length} rows, engine ${value}`);
  say('local', shortRun());
  say('old node', refusal());
}

/** A run of the shipped example, as far as it takes to see that nodes work from the package. */
function shortRun(): string {
  const out = join(folder, 'run');
  const flags = ['--nodes', '2', '--steps', '2', '--out', out];
  run('npx', ['isogloss', 'local', ...flags]);
  const { steps, nodes, paramsHash } = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
  check(steps === 2 && nodes.length === 2, `${nodes.length} nodes made ${steps} steps`);
  check(existsSync(join(out, 'model', 'model.safetensors')), 'the run left no model');
  return `${steps} steps of ${nodes.length} nodes, parameters ${paramsHash}`;
}

/** What the command says to a Node that is too old. */
function refusal(): string {
  const command = join(folder, 'node_modules', 'isogloss', 'dist', 'node', 'cli', 'bin.js');
  const [program, ...args] = oldNode();
  const { status, stderr } = start(program, [...args, command, '--version']);
  check(status === 1 && /needs Node \d+ or later/.test(stderr), `${status}: ${stderr}`);
  return stderr;
}

/** How a Node that is too old is started: npm's own if it is, else a fetched one. */
function oldNode(): [string, ...string[]] {
  const own = process.env['npm_node_execpath'] ?? process.execPath;
  const isOld = Number.parseInt(run(own, ['-p', 'process.versions.node']), 10) < NODE_MAJOR_MIN;
  return isOld ? [own] : ['npx', '--yes', '-p', OLD_NODE, 'node'];
}

/** A seed of the simulator is the same events to the last bit, whatever runs it. */
function checkTraces(): void {
  const program = join(folder, 'traces.mjs');
  writeFileSync(
    program,
    `import { drawTrial, runTrial } from 'isogloss/sim';
for (let seed = 0; seed < ${TRACED_SEEDS}; seed++) {
  const { traceHash, root, violation } = await runTrial(drawTrial(seed));
  console.log(seed, traceHash, root, violation?.checker ?? 'kept');
}
`,
  );
  const [old, ...args] = oldNode();
  const version = run(old, [...args, '-p', 'process.version']);
  const told = run(join(folder, 'node_modules', '.bin', 'node'), [program]).split('\n');
  const toldByOld = run(old, [...args, program]).split('\n');
  check(told.length === TRACED_SEEDS, `${told.length} of ${TRACED_SEEDS} seeds were told of`);
  told.forEach((line, i) => {
    check(line === toldByOld[i], `${line}\nunder Node ${version}: ${toldByOld[i]}`);
  });
  say('traces', `${told.length} seeds of the simulator, the same under Node 24 and ${version}`);
}

/** The program of consumer.ts, held to its types and run. */
function checkImports(): void {
  copyFileSync(join(TOP, 'scripts', 'package', CONSUMER), join(folder, CONSUMER));
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2024'];
  run(join(TOOLS, 'tsc'), [...options, '--types', 'node', CONSUMER]);
  const node = join(folder, 'node_modules', '.bin', 'node');
  say('program', run(node, [CONSUMER]));
}

/** What the program prints; throws with all that it said if it fails. */
function run(program: string, args: readonly string[], options: SpawnOptions = {}): string {
  const { status, stdout, stderr } = start(program, args, options);
  check(status === 0, `${program} ${args.join(' ')} exits ${status}:\n${stdout}${stderr}`);
  return stdout.trim();
}

function start(program: string, args: readonly string[], options: SpawnOptions = {}) {
  const env = cleanEnvironment();
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    env,
    ...options,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/** The environment without what npm tells the scripts of this checkout, its programs included. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle|command|config_local_prefix)|INIT_CWD)/.test(name),
  );
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const outside = path.filter((part) => !part.includes('node_modules'));
  return { ...Object.fromEntries(entries), PATH: outside.join(delimiter) };
}

function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

function say(what: string, text: string): void {
  console.log(`${what.padEnd(10)} ${text.trim().split('\n').at(-1)}`);
}
