/** config.resolved.yaml: the config with every default written out, which repeats the run. */
import { stringify } from 'yaml';
import { commandName } from '../version.ts';
import type { LoadedConfig } from './load.ts';
import { mapPaths, rebase } from './paths.ts';

const header = () => `# Every value of this run, defaults included. Repeat it, in a new folder:
# ${commandName()} local config.resolved.yaml
`;

/**
 * The text of a resolved config that is to lie in `folder`; its paths are relative to there. It
 * names no output folder, so that repeating a run never meets its own results.
 */
export function resolvedYaml({ config, folder: from }: LoadedConfig, folder: string): string {
  const { output, ...rest } = mapPaths(config, (path) => rebase(path, from, folder));
  const { folder: _folder, ...elsewhere } = output;
  return header() + stringify({ ...rest, output: elsewhere }, { lineWidth: 0 });
}
