/**
 * Makes the Python environment that references and long tests need: PyTorch and Transformers in
 * pinned versions, in .cache/python. Does nothing if it stands already.
 *
 *     node scripts/python-env.ts
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REQUIREMENTS = join(ROOT, 'scripts', 'python', 'requirements.txt');
const ENVIRONMENT = join(ROOT, '.cache', 'python');
const PYTHON = join(
  ENVIRONMENT,
  process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python',
);
/**
 * Holds the hash of what is installed; written last, so that half an environment does not count.
 */
const STAMP = join(ENVIRONMENT, 'isogloss-requirements.sha256');

/**
 * The path of the environment's Python. The first time this takes minutes. Needs `python3`, 3.11 or
 * later; throws with what the failing command said.
 */
export async function ensurePythonEnvironment(): Promise<string> {
  const wanted = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex');
  const present = await readFile(STAMP, 'utf8').catch(() => '');
  if (present === wanted) return PYTHON;
  await rm(ENVIRONMENT, { recursive: true, force: true });
  process.stderr.write(`building the Python environment in ${ENVIRONMENT} (some minutes)\n`);
  await run('python3', ['-m', 'venv', ENVIRONMENT]);
  await run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--requirement', REQUIREMENTS]);
  await writeFile(STAMP, wanted);
  return PYTHON;
}

/** Runs a program to its end and gives its stdout; throws with its stderr if it fails. */
export async function run(
  program: string,
  options: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(program, options, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ${options.join(' ')} exits ${code}:\n${complaint}`);
  return output;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${await ensurePythonEnvironment()}\n`);
}
