/** Who holds which bucket by name, and what one node's part of a step is. */
import { type Member, place } from '../../../protocol/index.ts';
import type { Job } from './open-job.ts';

export interface MemberPlaces {
  /** By bucket: the owner's name. */
  readonly holders: readonly string[];
  /** How many buckets the node owns. */
  readonly buckets: number;
  /** How many work units a step it is preferred for. */
  readonly units: number;
}

/** `self` is one of the members; `names` are by id. */
export function placeMembers(
  { runId, layout, manifest, config }: Job,
  members: readonly Member[],
  self: string,
  names: ReadonlyMap<string, string>,
): MemberPlaces {
  const { holders, workers } = place(members, {
    runId,
    buckets: layout.buckets.length,
    unitsByLanguage: manifest.languages.map(({ unitsPerStep }) => unitsPerStep),
    redundancy: config.network.redundancy,
  });
  const owners = holders.map(([owner]) => owner!);
  return {
    holders: owners.map((id) => names.get(id) ?? ''),
    buckets: owners.filter((id) => id === self).length,
    units: workers.flat().filter((id) => id === self).length,
  };
}
