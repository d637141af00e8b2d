/** From a file and flags to a checked config: read, overridden, parsed once, and trusted after. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigFileError, ConfigValueError, NotYetError } from './errors.ts';
import { findNotYet } from './not-yet.ts';
import { loadOwnAggregator, type OwnModule } from './own-aggregator.ts';
import { mapPaths, rebase } from './paths.ts';
import { errorOf } from './problems.ts';
import { checkInRuns, checkRules, withPreference } from './rules.ts';
import { type Config, configSchema, configSchemaWith } from './schema.ts';
import { type ConfigSource, type Override, readSource } from './source.ts';

/** A config, and what its paths and places are told by. */
export interface LoadedConfig {
  /** Paths in it are relative to `folder`. */
  readonly config: Config;
  readonly source: ConfigSource;
  /** The config file's folder, absolute. */
  readonly folder: string;
  /** Where the config names an aggregator by its module. */
  readonly own?: OwnModule;
}

/** A config is typed by hand; a larger file is something else. */
const CONFIG_BYTES_MAX = 1 << 20;

/**
 * Reads the file at `path` and lays `overrides` over it; paths in overrides are relative to the
 * current folder, those in the file to its own. Throws the errors of this folder, with the place.
 */
export async function loadConfig(
  path: string,
  overrides: readonly Override[] = [],
): Promise<LoadedConfig> {
  const folder = resolve(dirname(path));
  const source = readSource(path, await readText(path), overrides);
  const [later] = findNotYet(source.value);
  if (later) {
    const place = source.place(later.path, later.part);
    throw new NotYetError(place, `${later.what} is not yet built. ${later.instead}`);
  }
  const own = await loadOwnAggregator(source, folder);
  if (own === undefined) checkInRuns(source);
  const schema = own === undefined ? configSchema : configSchemaWith(own.aggregator);
  const parsed = schema.safeParse(source.value);
  if (!parsed.success) throw errorOf(parsed.error.issues, source, schema);
  const meant = withShortWarmUp(parsed.data, source);
  checkRules(meant, source, own?.aggregator);
  const config = mapPaths(withPreference(meant, source, own?.aggregator), (value, at) =>
    source.isOverridden(at) ? rebase(value, '.', folder) : value,
  );
  await checkModelFolder(config.model.path, folder, source);
  return { config, source, folder, ...(own && { own }) };
}

/** A flag that makes the run shorter than the file's warm-up shortens the warm-up with it. */
function withShortWarmUp(config: Config, source: ConfigSource): Config {
  const { steps, optimizer } = config;
  if (!source.isOverridden(['steps']) || source.isOverridden(['optimizer', 'warmupSteps'])) {
    return config;
  }
  const warmupSteps = Math.min(optimizer.warmupSteps, steps);
  return { ...config, optimizer: { ...optimizer, warmupSteps } };
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'no such file' : `cannot be read (${cause.code})`;
    throw new ConfigFileError(path, `${why}. Name a YAML file.`, { cause });
  });
  if (bytes.length > CONFIG_BYTES_MAX) {
    const problem = `${bytes.length} bytes, a config has at most ${CONFIG_BYTES_MAX}.`;
    throw new ConfigFileError(path, `${problem} Name a YAML file.`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigFileError(path, 'not valid UTF-8. Save it as UTF-8.', { cause });
  }
}

/** The Hub's names look like folders; so whoever meant one is told so. */
async function checkModelFolder(path: string, folder: string, source: ConfigSource) {
  const full = resolve(folder, path);
  const status = await stat(full).catch(() => undefined);
  if (status?.isDirectory()) return;
  const place = source.place(['model', 'path'], 'value');
  const problem = status ? 'is a file, expected a folder' : 'there is no such folder';
  if (!status && /^[\w.-]+\/[\w.-]+$/.test(path)) {
    const problem = `model.path: there is no folder ${path}, and Hub ids are not yet fetched.`;
    throw new NotYetError(place, `${problem} Download it, and name the folder.`);
  }
  throw new ConfigValueError(place, `model.path is "${path}": ${problem}. Correct the path.`);
}
