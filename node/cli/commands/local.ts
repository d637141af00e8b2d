/** `isogloss local [CONFIG]`: several nodes as processes of this machine. */
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { EngineName } from '../../compute/index.ts';
import type { Override } from '../config/index.ts';
import { packageFolder } from '../version.ts';
import { overridesOf, parseCount, type RunFlags, withRunFlags } from './flags.ts';

const NODES_DEFAULT = 4;

export interface LocalOptions {
  readonly configPath: string;
  readonly overrides: readonly Override[];
  readonly nodes: number;
  /** Run the same with plain averaging too, and compare. */
  readonly baseline: boolean;
  /** A checkpoint, or true: the newest in the output folder. */
  readonly resume: string | boolean;
  readonly engine: EngineName | undefined;
  readonly json: boolean;
}

interface Flags extends RunFlags {
  readonly nodes: number;
  readonly baseline?: 'mean';
}

/** `act` runs it. Without CONFIG it is the shipped example, with its baseline. */
export function localCommand(act: (options: LocalOptions) => Promise<void>): Command {
  const command = new Command('local')
    .description('run nodes as processes of this machine')
    .argument('[config]', 'YAML file (default: the shipped example)')
    .option('--nodes <n>', 'number of nodes', parseCount, NODES_DEFAULT)
    .addOption(
      new Option('--baseline <method>', 'also run this method, and compare').choices(['mean']),
    );
  return withRunFlags(command).action(async (config: string | undefined, flags: Flags) => {
    await act({
      configPath: config ?? join(packageFolder, 'examples', 'udhr.yaml'),
      overrides: overridesOf(flags),
      nodes: flags.nodes,
      baseline: flags.baseline === 'mean' || config === undefined,
      resume: flags.resume ?? false,
      engine: flags.engine,
      json: flags.json ?? false,
    });
  });
}
