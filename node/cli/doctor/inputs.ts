/**
 * What the doctor finds about a config's model and text: sizes and hashes, to compare machines by.
 */
import { resolve } from 'node:path';
import { layoutBuckets, resolutionGroups } from '../../../protocol/index.ts';
import { readText } from '../../data/index.ts';
import { type LoadedModel, loadModelFolder, paramsHashOf } from '../../model/index.ts';
import { changedOptions } from '../../resolve/index.ts';
import type { LoadedConfig } from '../config/index.ts';
import { groupsOf } from '../job/index.ts';
import { formatMethod } from '../output/index.ts';
import { good, type Row } from './row.ts';

const HASH_DIGITS = 12;
const short = (hash: string) => hash.slice(0, HASH_DIGITS);

export async function openModel({ config, folder }: LoadedConfig): Promise<LoadedModel> {
  return await loadModelFolder(resolve(folder, config.model.path));
}

export function modelRow(model: LoadedModel): Row {
  const { hashes, values } = model;
  const hash = short(paramsHashOf([values]));
  const tokenizer = short(hashes.tokenizer);
  return good('model', `${values.length} parameters ${hash}, tokenizer ${tokenizer}`);
}

/**
 * What conflicts are resolved by, with the options that are not what they are by default; of a
 * module the path, and the hash that nodes must agree on.
 */
export function aggregatorRow({ config, own }: LoadedConfig): Row {
  const { name, normalize } = config.aggregator;
  const options = changedOptions(config.aggregator, own && [own.aggregator]);
  const from = own === undefined ? '' : `, from ${own.path} ${short(own.sha256)}`;
  const method = formatMethod({ name, ...options });
  return good('aggregator', `${method}, normalize ${normalize}${from}`);
}

/**
 * What one set of weights applies to. Throws a ConfigValueError where the config names a layer or a
 * bucket that the model has not.
 */
export function groupsRow(loaded: LoadedConfig, model: LoadedModel): Row {
  const { groups, bucketBytesMax } = loaded.config;
  if (groups === 'refined') return good('groups', 'refined: found from all texts by the run');
  const layout = layoutBuckets(model.parameters, bucketBytesMax);
  const found = resolutionGroups(layout, groupsOf(loaded, { model, layout, corpora: [] }));
  return good('groups', `${found.length} of ${layout.buckets.length} buckets`);
}

/** One row for all languages: how many documents, and a hash each. */
export async function dataRows({ config, folder }: LoadedConfig): Promise<Row[]> {
  const rows: Row[] = [];
  for (const language of config.languages) {
    const kept = config.data.at[language.id];
    if (kept !== undefined && !kept.nodes.includes(config.network.name ?? '')) {
      rows.push(good(language.id, `kept at ${kept.nodes.join(', ')}: ${kept.sha256}`));
      continue;
    }
    const evaluation = await readText(language.eval, folder);
    const parts = [`evaluation ${short(evaluation.hash)}`];
    if (language.role === 'seen') {
      const train = await readText(language.train, folder);
      const hash = kept === undefined ? short(train.hash) : train.hash;
      parts.unshift(`${train.documents.length} documents ${hash}`);
      if (kept !== undefined && kept.sha256 !== train.hash) {
        const remedy = `Set data.at.${language.id}.sha256 to ${train.hash} on all nodes.`;
        rows.push({ name: language.id, value: parts.join(', '), ok: false, remedy });
        continue;
      }
    }
    rows.push(good(language.id, parts.join(', ')));
  }
  return rows;
}
