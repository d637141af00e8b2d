/** `isogloss export PATHS`: one Hugging Face folder from what several nodes keep. */
import { Command } from 'commander';
import type { CommandAction } from '../context.ts';
import { type ExportOptions, exportStep } from '../export/index.ts';
import { alignColumns } from '../output/index.ts';
import { parseSeed } from './flags.ts';

export interface ExportCommandOptions extends ExportOptions {
  readonly json: boolean;
}

type Flags = Omit<ExportCommandOptions, 'paths' | 'json'> & { readonly json?: boolean };

/** `act` runs it. */
export function exportCommand(act: (options: ExportCommandOptions) => Promise<void>): Command {
  return new Command('export')
    .description('put a Hugging Face folder together from what several nodes keep')
    .argument('<paths...>', 'folders of runs, of nodes (state/NAME), or checkpoints')
    .option(
      '--step <n>',
      'the checkpoint of this step (default: the newest that is whole)',
      parseSeed,
    )
    .option('--to <folder>', 'where it goes (default: checkpoint-N, in the run if PATH is one)')
    .option('--base <folder>', 'the base model, for config and tokenizer (default: as configured)')
    .option('--json', 'write one JSON object to standard output')
    .action(async (paths: string[], { json, ...flags }: Flags) => {
      await act({ ...flags, paths, json: json ?? false });
    });
}

export const runExport: CommandAction<ExportCommandOptions> = async (options, { terminal }) => {
  const exported = await exportStep(options, (text) => terminal.line(text));
  if (options.json) {
    terminal.data(JSON.stringify({ type: 'export', ...exported }));
    return 0;
  }
  const { path, step, steps, root, paramsHash, sources, wasThere } = exported;
  const rows = [
    [wasThere ? 'stands' : 'export', path],
    ['step', `${step} of ${steps}`],
    ['root', root],
    ['params', paramsHash],
    ...sources.map((source, i) => [
      i === 0 ? 'from' : '',
      `${source.path}: ${source.buckets} ${source.buckets === 1 ? 'bucket' : 'buckets'}`,
    ]),
  ];
  for (const line of alignColumns(rows)) terminal.data(line);
  return 0;
};
