/** `isogloss doctor [CONFIG]`: checks this machine, and with a config the run on it. */
import { Command } from 'commander';
import type { EngineName } from '../../compute/index.ts';
import { loadConfig } from '../config/index.ts';
import type { CommandAction } from '../context.ts';
import { examine, type Row } from '../doctor/index.ts';
import { alignColumns } from '../output/index.ts';
import { engineOption } from './flags.ts';

export interface DoctorOptions {
  readonly configPath: string | undefined;
  readonly engine: EngineName | undefined;
  readonly json: boolean;
}

interface Flags {
  readonly engine?: EngineName;
  readonly json?: boolean;
}

export function doctorCommand(act: (options: DoctorOptions) => Promise<void>): Command {
  return new Command('doctor')
    .description('check this machine, and a config on it')
    .argument('[config]', 'YAML file')
    .addOption(engineOption())
    .option('--json', 'write one JSON object to standard output')
    .action(async (configPath: string | undefined, { engine, json }: Flags) => {
      await act({ configPath, engine, json: json ?? false });
    });
}

/** Exits with 1 if a row is not ok. */
export const runDoctor: CommandAction<DoctorOptions> = async (options, { terminal }) => {
  const { configPath, engine, json } = options;
  const loaded = configPath === undefined ? {} : { loaded: await loadConfig(configPath) };
  const rows = await examine({ ...loaded, engine });
  const ok = rows.every((row) => row.ok);
  if (json) terminal.data(JSON.stringify({ ok, rows }));
  else for (const line of alignColumns(rows.map(cells))) terminal.data(line);
  return ok ? 0 : 1;
};

const cells = ({ ok, name, value, remedy }: Row) => [
  ok ? 'ok' : 'FAIL',
  name,
  remedy === '' ? value : `${value}. ${remedy}`,
];
