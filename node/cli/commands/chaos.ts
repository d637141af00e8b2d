/** `isogloss chaos [CONFIG]`: real nodes under a schedule of faults, checked against the oracle. */
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { EngineName } from '../../compute/index.ts';
import type { Override } from '../config/index.ts';
import { packageFolder } from '../version.ts';
import {
  collect,
  engineOption,
  overridesOf,
  parseCount,
  parseSeed,
  type RunFlags,
} from './flags.ts';

const NODES_DEFAULT = 4;
const EVERY_S_DEFAULT = 15;
/** Without `--minutes`: to the end of any run that somebody watches. */
const MINUTES_DEFAULT = 24 * 60;

export interface ChaosOptions {
  readonly configPath: string;
  readonly overrides: readonly Override[];
  /** Those of the overrides that every node is started with too. */
  readonly nodeFlags: readonly string[];
  readonly nodes: number;
  readonly everySeconds: number;
  readonly minutes: number;
  /** Of what is drawn for the faults. */
  readonly seed: number;
  readonly schedulePath: string | undefined;
  /** A capsule of the simulator: its nodes by their names, and its faults. */
  readonly capsulePath: string | undefined;
  /** Run the same without faults first, for its pace. */
  readonly calm: boolean;
  /** Left out: the next free runs/N. */
  readonly engine: EngineName | undefined;
  readonly json: boolean;
}

interface Flags extends Pick<RunFlags, 'steps' | 'set' | 'out' | 'engine' | 'json'> {
  readonly nodes: number;
  readonly every: number;
  readonly minutes: number;
  readonly seed: number;
  readonly schedule?: string;
  readonly capsule?: string;
  readonly calm?: boolean;
}

/** `act` runs it. Without CONFIG it is the shipped example. */
export function chaosCommand(act: (options: ChaosOptions) => Promise<void>): Command {
  return new Command('chaos')
    .description('kill real nodes as they run, and check that the result is the same')
    .argument('[config]', 'YAML file (default: the shipped example)')
    .option('--nodes <n>', 'number of nodes', parseCount, NODES_DEFAULT)
    .option('--every <seconds>', 'kill a node this often', parsePositive, EVERY_S_DEFAULT)
    .option('--minutes <m>', 'no kill after so long', parsePositive, MINUTES_DEFAULT)
    .option('--seed <k>', 'seed of the faults; that of the run: --set seed=K', parseSeed, 1)
    .option('--schedule <file>', 'carry out these faults instead')
    .addOption(
      new Option(
        '--capsule <file>',
        "as many nodes as this capsule of sim has, under its faults; the run is CONFIG's",
      ).conflicts(['schedule', 'nodes', 'every', 'minutes']),
    )
    .option('--calm', 'run the same without faults first, and compare the pace')
    .option('--steps <n>', 'number of steps', parseCount)
    .option('--set <key=value>', 'override a key of the config; may be repeated', collect)
    .option('--out <folder>', 'where it is written (default: the next free runs/N)')
    .addOption(engineOption())
    .option('--json', 'write one JSON object to standard output')
    .action(async (config: string | undefined, flags: Flags) => {
      const { nodes, every, minutes, seed, schedule, capsule, calm, engine, json } = flags;
      await act({
        configPath: config ?? join(packageFolder, 'examples', 'udhr.yaml'),
        overrides: overridesOf(pick(flags)),
        nodeFlags: nodeFlagsOf(flags),
        nodes,
        everySeconds: every,
        minutes,
        seed,
        schedulePath: schedule,
        capsulePath: capsule,
        calm: calm ?? false,
        engine,
        json: json ?? false,
      });
    });
}

/** What belongs to the run; its seed is not the faults'. */
function pick({ set, steps, out }: Flags): RunFlags {
  return {
    ...(set === undefined ? {} : { set }),
    ...(steps === undefined ? {} : { steps }),
    ...(out === undefined ? {} : { out }),
  };
}

function nodeFlagsOf({ set = [], steps, engine }: Flags): string[] {
  return [
    ...set.flatMap((text) => ['--set', text]),
    ...(steps === undefined ? [] : ['--steps', String(steps)]),
    ...(engine === undefined ? [] : ['--engine', engine]),
  ];
}

/** A number above 0. */
function parsePositive(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('Expected a number above 0.');
  }
  return value;
}
