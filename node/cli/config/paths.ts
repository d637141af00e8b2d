/** Which of a config's values are paths, so that they can be made relative to another folder. */
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { KeyPath } from '../../schema/index.ts';
import type { Config, ConfiguredLanguage } from './schema.ts';

/** A copy of the config with every path changed; `at` is where it stands. */
export function mapPaths(config: Config, change: (path: string, at: KeyPath) => string): Config {
  const many = (paths: string | string[], at: KeyPath) =>
    typeof paths === 'string'
      ? change(paths, at)
      : paths.map((path, index) => change(path, [...at, index]));
  const language = (one: ConfiguredLanguage, index: number): ConfiguredLanguage => {
    const at = ['languages', index];
    const evaluation = many(one.eval, [...at, 'eval']);
    return one.role === 'unseen'
      ? { ...one, eval: evaluation }
      : { ...one, eval: evaluation, train: many(one.train, [...at, 'train']) };
  };
  const optional = <K extends string>(key: K, path: string | undefined, at: KeyPath) =>
    path === undefined ? {} : { [key]: change(path, at) };
  const { model, languages, network, output, aggregator } = config;
  const module = aggregator['module'];
  return {
    ...config,
    model: { ...model, path: change(model.path, ['model', 'path']) },
    languages: languages.map(language),
    aggregator: {
      ...aggregator,
      ...(typeof module === 'string' && { module: change(module, ['aggregator', 'module']) }),
    },
    network: {
      ...network,
      ...optional('keyFile', network.keyFile, ['network', 'keyFile']),
      ...optional('allow', network.allow, ['network', 'allow']),
    },
    output: { ...output, ...optional('folder', output.folder, ['output', 'folder']) },
  };
}

/** A path that was relative to `from`, relative to `to`, with `/`. Absolute ones stay. */
export function rebase(path: string, from: string, to: string): string {
  if (isAbsolute(path)) return path;
  return relative(to, resolve(from, path)).split(sep).join('/') || '.';
}
