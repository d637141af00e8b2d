/** `isogloss status RUN`: who is here, who is missing and why, what is being recovered. */
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import type { CommandAction } from '../context.ts';
import { PathError } from '../errors.ts';
import { Interrupts } from '../interrupts.ts';
import { newestRun } from '../job/index.ts';
import type { Terminal } from '../output/index.ts';
import { STATE_FOLDER } from '../places.ts';
import { askRun, mergeStatus, statusLines } from '../status/index.ts';

export interface StatusOptions {
  /** A run's folder; left out: this one if it is a run's, else the newest below runs/. */
  readonly run: string | undefined;
  /** Ask again and again, until no node answers or the user ends it. */
  readonly watch: boolean;
  readonly json: boolean;
}

type Flags = Partial<Pick<StatusOptions, 'watch' | 'json'>>;

const WATCH_MS = 1_000;

/** `act` runs it. */
export function statusCommand(act: (options: StatusOptions) => Promise<void>): Command {
  return new Command('status')
    .description('say who is here, who is missing and why, and what is being recovered')
    .argument('[run]', 'folder of a run whose nodes run on this machine (default: the newest)')
    .option('--watch', 'ask every second, until no node answers')
    .option('--json', 'write JSON to standard output: one object, or with --watch one a line')
    .action(async (run: string | undefined, { watch, json }: Flags) => {
      await act({ run, watch: watch ?? false, json: json ?? false });
    });
}

/** Exits with 0 if a node answered. */
export const runStatus: CommandAction<StatusOptions> = async (options, { terminal }) => {
  const run = options.run ?? (await defaultRun());
  if (options.watch) return await watchRun(run, options, terminal);
  const status = await ask(run);
  if (options.json) terminal.data(jsonOf(status));
  else for (const line of statusLines(status, new Date())) terminal.data(line);
  if (status.runs.length > 0) return 0;
  terminal.line(`no node of ${run} answers on this machine`);
  return 1;
};

async function ask(run: string) {
  const status = await stat(run).catch(() => undefined);
  if (status?.isDirectory()) return mergeStatus(await askRun(run));
  throw new PathError(run, "there is no such folder. Name a run's folder, as given to --out.");
}

const jsonOf = (status: object) => JSON.stringify({ type: 'status', ...status });

async function defaultRun(): Promise<string> {
  const here = await stat(STATE_FOLDER).catch(() => undefined);
  return here?.isDirectory() ? '.' : await newestRun();
}

/** On a terminal the table stays in its place; else each one follows the last. */
async function watchRun(run: string, { json }: StatusOptions, terminal: Terminal): Promise<number> {
  const interrupts = new Interrupts(() => {});
  try {
    for (let round = 0; ; round++) {
      const status = await ask(run);
      if (json) terminal.data(jsonOf(status));
      else show(statusLines(status, new Date()), round, terminal);
      if (status.runs.length === 0) {
        terminal.keepBlock();
        terminal.line(`no node of ${run} answers on this machine${round === 0 ? '' : ' any more'}`);
        return round === 0 ? 1 : 0;
      }
      await delay(WATCH_MS, undefined, { signal: interrupts.signal }).catch(() => {});
      if (interrupts.exitCode !== null) return interrupts.exitCode;
    }
  } finally {
    interrupts.close();
  }
}

function show(lines: readonly string[], round: number, terminal: Terminal): void {
  if (terminal.live) {
    terminal.block(lines.map((line) => [...line].slice(0, terminal.columns).join('')));
    return;
  }
  if (round > 0) terminal.data('');
  for (const line of lines) terminal.data(line);
}
