/** `isogloss sim`: the nodes of a run under drawn faults, on virtual time. */
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { SimOptions } from '../sim/index.ts';
import { parseCount, parseSeed } from './flags.ts';

const MODES = ['recoverable', 'beyond', 'core', 'harmed', 'misled'] as const;

interface Flags {
  readonly seed?: number;
  readonly seeds?: { from: number; to: number };
  readonly minutes?: number;
  readonly capsule?: string;
  readonly scenario?: string;
  readonly mode?: (typeof MODES)[number];
  readonly shrink?: boolean;
  readonly trace?: boolean;
  readonly faults?: boolean;
  readonly json?: boolean;
  readonly threads?: number;
  readonly out?: string;
}

/** `act` runs it. */
export function simCommand(act: (options: SimOptions) => Promise<void>): Command {
  return new Command('sim')
    .description('run the nodes under drawn faults on virtual time, and hold them to the promises')
    .option('--seed <n>', 'run the trial of one seed, or begin with it', parseSeed)
    .addOption(
      new Option('--seeds <range>', 'run the trials of seeds A..B')
        .argParser(parseRange)
        .conflicts('seed'),
    )
    .option('--minutes <m>', 'run seeds until the time is up', parseMinutes)
    .addOption(
      new Option('--capsule <file>', 'run what a capsule holds')
        // It says all of this itself.
        .conflicts(['seed', 'seeds', 'minutes', 'scenario', 'mode']),
    )
    .option('--scenario <file>', "run the seeds' faults on the cluster of this capsule")
    .addOption(new Option('--mode <mode>', 'what the faults leave').choices(MODES))
    .option('--shrink', 'look for the smallest trial that fails in the same way, and write it')
    .option('--out <folder>', 'where --shrink writes', 'capsules')
    .addOption(
      new Option('--trace', 'print every event of one trial').conflicts([
        'json',
        'seeds',
        'minutes',
      ]),
    )
    .addOption(
      new Option('--faults', 'list the faults and their options').conflicts([
        ...['seed', 'seeds', 'minutes', 'capsule', 'scenario', 'mode', 'shrink', 'trace'],
      ]),
    )
    .option('--threads <n>', 'threads that share the seeds', parseCount)
    .option('--json', 'write JSON lines to standard output')
    .action(async (flags: Flags) => await act(optionsOf(flags)));
}

function optionsOf(flags: Flags): SimOptions {
  const { seed, seeds, minutes, capsule, scenario, mode, threads } = flags;
  return {
    ...{ seed, seeds, minutes, capsule, scenario, mode },
    shrink: flags.shrink ?? false,
    trace: flags.trace ?? false,
    faults: flags.faults ?? false,
    json: flags.json ?? false,
    threads: threads ?? availableParallelism(),
    out: flags.out ?? 'capsules',
  };
}

/** `A..B`, both included. */
function parseRange(text: string): { from: number; to: number } {
  const match = /^(\d+)\.\.(\d+)$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || !Number.isSafeInteger(to) || from > to) {
    throw new InvalidArgumentError('Expected two whole numbers, as in 0..999.');
  }
  return { from, to };
}

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (!(minutes > 0) || !Number.isFinite(minutes)) {
    throw new InvalidArgumentError('Expected a number above 0.');
  }
  return minutes;
}
