/** From the groups that a config names to those of the run: which buckets share weights. */
import type { BucketLayout, GroupBy } from '../../../protocol/index.ts';
import { unreadBuckets } from '../../compute/index.ts';
import type { Corpus } from '../../data/index.ts';
import { EMBEDDING_LAYER, type LoadedModel } from '../../model/index.ts';
import { refinedGroups } from '../../resolve/index.ts';
import { ConfigValueError, type LoadedConfig } from '../config/index.ts';

interface Known {
  readonly model: LoadedModel;
  readonly layout: BucketLayout;
  readonly corpora: readonly Corpus[];
}

/**
 * Kinds stay kinds; lists become lists of every bucket, those that nobody named alone. Throws a
 * ConfigValueError for a layer or bucket that there is not, or that is named twice.
 */
export function groupsOf(loaded: LoadedConfig, known: Known): GroupBy {
  const { groups } = loaded.config;
  if (groups === 'refined') return refinedGroups(masksOf(known));
  return typeof groups === 'string' ? groups : listed(groups, loaded, known.layout);
}

/**
 * By bucket, the languages that depend on it: all, but where a bucket lies wholly in rows of an
 * untied embedding those whose text has one of its tokens.
 */
function masksOf({ model, layout, corpora }: Known): Uint8Array[] {
  const unread = corpora.map(({ vocabulary }) =>
    unreadBuckets(vocabulary, layout, model.config, EMBEDDING_LAYER),
  );
  return layout.buckets.map(({ index }) =>
    Uint8Array.from(corpora, (_, language) => (unread[language]![index] ? 0 : 1)),
  );
}

function listed(
  groups: readonly (readonly (string | number)[])[],
  { source }: LoadedConfig,
  { buckets }: BucketLayout,
): number[][] {
  const owner = new Map<number, string>();
  const found = groups.map((members, g) =>
    members.flatMap((member, i) => {
      const place = source.place(['groups', g, i], 'value');
      const indices = buckets
        .filter(({ index, layer }) => index === member || layer === member)
        .map(({ index }) => index);
      if (indices.length === 0) {
        const layers = [...new Set(buckets.map(({ layer }) => layer))].join(', ');
        const known = `Layers: ${layers}; buckets: 0 to ${buckets.length - 1}.`;
        throw new ConfigValueError(place, `groups[${g}][${i}]: there is no ${member}. ${known}`);
      }
      for (const index of indices) {
        const other = owner.get(index);
        if (other !== undefined) {
          const problem = `bucket ${index} is in ${other} already. Name it once.`;
          throw new ConfigValueError(place, `groups[${g}][${i}]: ${problem}`);
        }
        owner.set(index, `groups[${g}]`);
      }
      return indices;
    }),
  );
  const rest = buckets.filter(({ index }) => !owner.has(index)).map(({ index }) => [index]);
  return [...found, ...rest].toSorted((a, b) => a[0]! - b[0]!);
}
