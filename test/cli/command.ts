/**
 * The `isogloss` command as a process of its own, as a user starts it; and, where a second a start
 * adds up, the same program within the test's process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Terminal } from '../../node/cli/output/index.ts';
import { runProgram } from '../../node/cli/program.ts';
import { RememberedScreen } from './screens.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'node', 'cli', 'bin.ts');

export interface Outcome {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  /** What it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: Promise<Outcome>;
  /** Resolves with the match once the stream has one; rejects if the command ends before. */
  says(pattern: RegExp, stream?: 'stdout' | 'stderr'): Promise<RegExpExecArray>;
}

/** A test, or whoever else ends what was started. */
export interface Ending {
  teardown(end: () => unknown): void;
}

/** A test, and what a command's environment has besides. */
export interface Setting {
  readonly t: Ending;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts the command in `cwd`; if it runs when the test ends, it is ended too. */
export function startCommand(given: Ending | Setting, cwd: string, ...args: string[]): Running {
  const { t, env: besides } = 't' in given ? given : { t: given, env: {} };
  const env = { ...process.env, NO_COLOR: '1', ...besides };
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env, stdio: 'pipe' });
  const said = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, ...said }));
  });
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const says = (pattern: RegExp, stream: 'stdout' | 'stderr' = 'stderr') =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(said[stream]);
        if (match === null) return;
        listeners.delete(look);
        resolve(match);
      };
      listeners.add(look);
      look();
      void ended.then(({ exitCode }) => {
        const words = `ended with ${exitCode} before it said ${pattern}`;
        reject(new Error(`isogloss ${args.join(' ')} ${words}:\n${said.stderr}`));
      }, reject);
    });
  return {
    child,
    get stdout() {
      return said.stdout;
    },
    get stderr() {
      return said.stderr;
    },
    ended,
    says,
  };
}

/** Runs the command to its end. */
export function runCommand(t: Ending, cwd: string, ...args: string[]): Promise<Outcome> {
  return startCommand(t, cwd, ...args).ended;
}

/**
 * Runs the command in this process. Arguments that begin with `./` are of `folder`, and what it
 * says is told as if it ran there.
 */
export async function callCommand(folder: string, ...args: string[]): Promise<Outcome> {
  const stdout = new RememberedScreen(false);
  const stderr = new RememberedScreen(false);
  const terminal = new Terminal({ stdout, stderr, env: {} });
  const inFolder = args.map((arg) => (arg.startsWith('./') ? join(folder, arg) : arg));
  const exitCode = await runProgram(inFolder, { terminal, nowMs: () => performance.now() });
  const [out, err] = [stdout, stderr].map(({ text }) => toldIn(folder, text));
  return { exitCode, stdout: out!, stderr: err! };
}

/** The text with the folder's paths as they are seen from there. */
export function toldIn(folder: string, text: string): string {
  return text.replaceAll(`${folder}/`, '').replaceAll(folder, '.');
}
