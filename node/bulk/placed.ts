/**
 * Where in a run something went wrong that the resolver throws: it knows numbers alone, and whoever
 * has to mend an aggregator of his own needs its file, the step and the buckets.
 */
import type { Bucket } from '../../protocol/buckets.ts';
import { AggregatorError, GramError } from '../resolve/index.ts';

export interface ResolvedPlace {
  readonly step: number;
  /** Those that share the weights. */
  readonly buckets: readonly Bucket[];
  /** Where the run's own aggregator lies; undefined for one of ours. */
  readonly module: string | undefined;
}

/** What `ask` gives; what it throws of the resolver's errors is told with its place. */
export function placed<T>(place: ResolvedPlace, ask: () => T): T {
  try {
    return ask();
  } catch (cause) {
    const { message } = cause as Error;
    const where = `step ${place.step}, ${shownBuckets(place.buckets)}: `;
    if (cause instanceof GramError) throw new GramError(`${where}${message}`, { cause });
    if (cause instanceof AggregatorError) {
      throw new AggregatorError(`${where}${corrected(message, place)}`, { cause });
    }
    throw cause;
  }
}

/** Numbers that are none may be the rows' fault: only what the aggregator did is its module's. */
function corrected(message: string, { module }: ResolvedPlace): string {
  return module === undefined ? message : `${message.replace(/\.$/, '')}. Correct ${module}.`;
}

const SHOWN_MAX = 8;

function shownBuckets(buckets: readonly Bucket[]): string {
  const [first] = buckets;
  if (buckets.length === 1) return `bucket ${first!.index} (${first!.layer})`;
  const shown = buckets.slice(0, SHOWN_MAX).map(({ index }) => index);
  const more = buckets.length - shown.length;
  return `buckets ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
