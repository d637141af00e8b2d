/** `isogloss node CONFIG`: one node, on this machine, of a run on several. */
import { Command } from 'commander';
import type { EngineName } from '../../compute/index.ts';
import type { Override } from '../config/index.ts';
import { collect, overridesOf, parseCount, type RunFlags, withRunFlags } from './flags.ts';

export interface NodeOptions {
  readonly configPath: string;
  /** Those of `--listen` included. */
  readonly overrides: readonly Override[];
  /** Nodes that the run begins with; this one waits until they are there. */
  readonly nodes: number;
  /** Addresses of others. */
  readonly peers: readonly string[];
  /** A checkpoint, or true: the newest in the output folder. */
  readonly resume: string | boolean;
  readonly engine: EngineName | undefined;
  readonly json: boolean;
}

interface Flags extends RunFlags {
  readonly nodes: number;
  readonly peer?: readonly string[];
  readonly listen?: readonly string[];
}

/** `act` runs it. */
export function nodeCommand(act: (options: NodeOptions) => Promise<void>): Command {
  const command = new Command('node')
    .description('run one node of a run on several machines')
    .argument('<config>', 'YAML file')
    .option('--nodes <n>', 'number of nodes that the run begins with', parseCount, 1)
    .option('--peer <address>', 'address of another node; may be repeated', collect)
    .option('--listen <address>', 'address to listen on; may be repeated', collect);
  return withRunFlags(command).action(async (configPath: string, flags: Flags) => {
    const listen = { path: ['network', 'listen'], value: flags.listen, flag: '--listen' };
    await act({
      configPath,
      overrides: [...overridesOf(flags), ...(flags.listen === undefined ? [] : [listen])],
      nodes: flags.nodes,
      peers: flags.peer ?? [],
      resume: flags.resume ?? false,
      engine: flags.engine,
      json: flags.json ?? false,
    });
  });
}
