/** Rules that hold between the values of a config, checked when each value alone is right. */
import {
  type Aggregator,
  AggregatorError,
  aggregatorByName,
  aggregators,
  preferenceByOrder,
  preferenceTaker,
  rowsMinOf,
  shownConfig,
} from '../../resolve/index.ts';
import { isMap, valueAt } from '../../schema/index.ts';
import { ConfigValueError, NotYetError } from './errors.ts';
import type { Config } from './schema.ts';
import type { ConfigSource } from './source.ts';

/** Throws a ConfigValueError, or a NotYetError for a model that is no folder. */
export function checkRules(config: Config, source: ConfigSource, own?: Aggregator): void {
  checkLanguages(config, source);
  checkKept(config, source);
  checkModel(config.model.path, source);
  checkEnough(config, source, own);
  checkStallPolicy(config, source, own);
  const { warmupSteps } = config.optimizer;
  if (warmupSteps > config.steps) {
    throw new ConfigValueError(
      source.place(['optimizer', 'warmupSteps'], 'value'),
      `optimizer.warmupSteps is ${warmupSteps}, more than all ${config.steps} steps. Lower it.`,
    );
  }
}

/**
 * Asked before the schema is, which knows no method that a run can't have: throws a
 * ConfigValueError that says why not.
 */
export function checkInRuns(source: ConfigSource): void {
  const path = ['aggregator', 'name'];
  const name = isMap(source.value) ? valueAt(source.value, path) : undefined;
  const notInRuns = aggregators.find((method) => method.name === name)?.notInRuns;
  if (notInRuns === undefined) return;
  throw new ConfigValueError(
    source.place(path, 'value'),
    `aggregator.name is "${name}", which a run can't have: ${notInRuns}. Use mgda or cagrad.`,
  );
}

/** In some steps a group may have fewer rows than there are languages, and never more. */
function checkEnough({ aggregator, languages }: Config, source: ConfigSource, own?: Aggregator) {
  const least = rowsMinOf(aggregator, own ?? aggregatorByName(aggregator.name));
  const seen = languages.filter(({ role }) => role === 'seen').length;
  if (seen >= least) return;
  throw new ConfigValueError(
    source.place(['aggregator'], 'key'),
    `aggregator: ${shownConfig(aggregator)} needs ${least} languages to train on, and ${seen} ` +
      `${seen === 1 ? 'is' : 'are'} seen. Change its options, or take another.`,
  );
}

/** A method that is made of the rows has no weights that groups could share. */
function checkStallPolicy(
  { aggregator, whenStalled }: Config,
  source: ConfigSource,
  own?: Aggregator,
) {
  const chosen = own ?? aggregatorByName(aggregator.name);
  if (whenStalled === 'report' || chosen.fromRows === undefined) return;
  throw new ConfigValueError(
    source.place(['whenStalled'], 'value'),
    `whenStalled is "${whenStalled}", and groups change nothing for ${chosen.name}. Remove it.`,
  );
}

/** The config with its preference in the order of the languages that are trained on. */
export function withPreference(config: Config, source: ConfigSource, own?: Aggregator): Config {
  const { aggregator, languages } = config;
  if (aggregator.preference === undefined) return config;
  const place = source.place(['aggregator', 'preference'], 'value');
  const taker = preferenceTaker(aggregator, own ?? aggregatorByName(aggregator.name));
  if (taker.usesPreference !== true) {
    const problem = `aggregator.of is "${taker.name}", which takes no preference. Remove it.`;
    throw new ConfigValueError(place, problem);
  }
  const seen = languages.flatMap(({ id, role }) => (role === 'seen' ? [id] : []));
  try {
    return { ...config, aggregator: preferenceByOrder(aggregator, seen) };
  } catch (cause) {
    if (!(cause instanceof AggregatorError)) throw cause;
    throw new ConfigValueError(place, `aggregator.${cause.message}. Correct it.`, { cause });
  }
}

function checkLanguages({ languages }: Config, source: ConfigSource): void {
  const first = new Map<string, number>();
  for (const [index, { id }] of languages.entries()) {
    const earlier = first.get(id);
    if (earlier !== undefined) {
      throw new ConfigValueError(
        source.place(['languages', index, 'id'], 'value'),
        `languages[${index}].id is "${id}", as languages[${earlier}].id is. Rename or join them.`,
      );
    }
    first.set(id, index);
  }
  if (!languages.some(({ role }) => role === 'seen')) {
    throw new ConfigValueError(
      source.place(['languages'], 'key'),
      'no language is seen, so there is nothing to train on. Give one role: seen and train: FILE.',
    );
  }
}

function checkKept({ data, languages, groups }: Config, source: ConfigSource): void {
  const seen = languages.filter(({ role }) => role === 'seen').map(({ id }) => id);
  for (const [id, { nodes }] of Object.entries(data.at)) {
    if (!seen.includes(id)) {
      throw new ConfigValueError(
        source.place(['data', 'at', id], 'key'),
        `data.at names "${id}", which is no seen language. Seen: ${seen.join(', ')}.`,
      );
    }
    const index = nodes.findIndex((name, i) => nodes.indexOf(name) !== i);
    if (index >= 0) {
      throw new ConfigValueError(
        source.place(['data', 'at', id, 'nodes', index], 'value'),
        `data.at.${id}.nodes[${index}] is "${nodes[index]}" once more. Name it once.`,
      );
    }
  }
  if (Object.keys(data.at).length > 0 && groups === 'refined') {
    throw new ConfigValueError(
      source.place(['groups'], 'value'),
      'groups is "refined", which needs the text of all languages on every node, and data.at ' +
        'keeps some of it elsewhere. Use bucket, layer or model.',
    );
  }
}

function checkModel(path: string, source: ConfigSource): void {
  if (!path.toLowerCase().endsWith('.gguf')) return;
  throw new NotYetError(
    source.place(['model', 'path'], 'value'),
    'model.path is a GGUF file, which is not yet read. Name a Hugging Face folder.',
  );
}
