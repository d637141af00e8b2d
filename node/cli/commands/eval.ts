/** `isogloss eval PATH`: loss and bits per byte of a model, a language a row. */
import { Command } from 'commander';
import type { EngineName } from '../../compute/index.ts';
import { engineOption } from './flags.ts';

export interface EvalOptions {
  /** A Hugging Face folder, a checkpoint, or a run's folder. */
  readonly path: string;
  /** Names the languages and their text; left out: config.resolved.yaml in or above `path`. */
  readonly configPath: string | undefined;
  readonly engine: EngineName | undefined;
  readonly json: boolean;
}

interface Flags {
  readonly config?: string;
  readonly engine?: EngineName;
  readonly json?: boolean;
}

/** `act` runs it. */
export function evalCommand(act: (options: EvalOptions) => Promise<void>): Command {
  return new Command('eval')
    .description('score a model in every language of a config')
    .argument('<path>', "model folder, checkpoint or run's folder")
    .option('--config <file>', 'names the languages (default: config.resolved.yaml near PATH)')
    .addOption(engineOption())
    .option('--json', 'write one JSON object to standard output')
    .action(async (path: string, { config, engine, json }: Flags) => {
      await act({ path, configPath: config, engine, json: json ?? false });
    });
}
