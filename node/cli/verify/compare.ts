/** Holds a computed step against what is recorded of it. Pure. */
import type { ValueHashes } from '../../../protocol/index.ts';
import type { OracleStep } from '../../../sim/index.ts';
import type { Word } from './recorded.ts';

/** A place that says something else than what was computed. */
export interface Difference {
  readonly place: string;
  readonly root: string;
  /** The first bucket that differs; null where the place says no more than the root. */
  readonly bucket: number | null;
  /** Which part of that bucket's value. */
  readonly part: keyof ValueHashes | null;
}

export interface ComparedStep {
  readonly step: number;
  /** As it was computed. */
  readonly root: string;
  /** `unrecorded`: nothing says anything of it. */
  readonly verdict: 'ok' | 'differs' | 'unrecorded';
  /** Places that say the same. */
  readonly agreeing: readonly string[];
  readonly differences: readonly Difference[];
}

const PARTS = ['published', 'optimizer', 'aggregator'] as const;

export function compareStep(
  { step, root, values }: OracleStep,
  records: readonly Word[] = [],
): ComparedStep {
  const agreeing: string[] = [];
  const differences: Difference[] = [];
  for (const { place, root: recorded, values: told } of records) {
    const first = told === null ? undefined : firstDifference(values, told);
    if (recorded === root && first === undefined) agreeing.push(place);
    else differences.push({ place, root: recorded, bucket: null, part: null, ...first });
  }
  const known = agreeing.length > 0 ? 'ok' : 'unrecorded';
  const verdict = differences.length > 0 ? 'differs' : known;
  return { step, root, verdict, agreeing: [...new Set(agreeing)], differences };
}

function firstDifference(computed: readonly ValueHashes[], told: readonly ValueHashes[]) {
  for (const [bucket, hashes] of computed.entries()) {
    const part = PARTS.find((one) => hashes[one] !== told[bucket]?.[one]);
    if (part !== undefined) return { bucket, part };
  }
  return undefined;
}
