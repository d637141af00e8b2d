/**
 * The user's config: one YAML file and the flags over it, checked strictly, with every default.
 *
 * ```ts
 * import { loadConfig, parseSet, resolvedYaml } from './node/cli/config/index.ts';
 *
 * const loaded = await loadConfig('my.yaml', [parseSet('optimizer.learningRate=2e-4')]);
 * loaded.config.optimizer.learningRate; // 0.0002
 * resolvedYaml(loaded, 'runs/1'); // what to write to runs/1/config.resolved.yaml
 * ```
 */
export {
  ConfigFileError,
  ConfigKeyError,
  ConfigSyntaxError,
  ConfigValueError,
  NotYetError,
} from './errors.ts';
export type { LoadedConfig } from './load.ts';
export { loadConfig } from './load.ts';
export { parseSet } from './overrides.ts';
export { resolvedYaml } from './resolved.ts';
export type { Config, ConfiguredLanguage } from './schema.ts';
export { configSchema } from './schema.ts';
export type { ConfigSource, Override } from './source.ts';
