/** Holds a computed step against what is recorded of it. Files are read by whoever calls. */
import type { ValueHashes } from '../../../protocol/index.ts';
import type { OracleStep } from '../../../sim/index.ts';
import type { Damage, Word } from './recorded.ts';

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
  /** `damaged`: all that can be read says the same; `unrecorded`: nothing says anything of it. */
  readonly verdict: 'ok' | 'differs' | 'damaged' | 'unrecorded';
  /** Places that say the same. */
  readonly agreeing: readonly string[];
  readonly differences: readonly Difference[];
  /** Paths of checkpoints of this step that are whole and say the same. */
  readonly rightCheckpoints: readonly string[];
  /** Checkpoints that are not whole, or do not hold what their manifests say. */
  readonly damaged: readonly Damage[];
}

const PARTS = ['published', 'optimizer', 'aggregator'] as const;

/** `damageAt` reads the files of the checkpoint at a path. */
export async function compareStep(
  { step, root, values }: OracleStep,
  { records = [], torn = [] }: { records?: readonly Word[]; torn?: readonly Damage[] },
  damageAt: (path: string) => Promise<string | null>,
): Promise<ComparedStep> {
  const agreeing: string[] = [];
  const differences: Difference[] = [];
  const rightCheckpoints: string[] = [];
  const damaged = [...torn];
  for (const { place, root: recorded, values: told, path } of records) {
    const first = told === null ? undefined : firstDifference(values, told);
    if (recorded !== root || first !== undefined) {
      differences.push({ place, root: recorded, bucket: null, part: null, ...first });
      continue;
    }
    const problem = path === null ? null : await damageAt(path);
    if (problem !== null) {
      damaged.push({ place, problem });
      continue;
    }
    agreeing.push(place);
    if (path !== null) rightCheckpoints.push(path);
  }
  const known = agreeing.length > 0 ? 'ok' : 'unrecorded';
  const sound = damaged.length > 0 ? 'damaged' : known;
  const verdict = differences.length > 0 ? 'differs' : sound;
  const said = { agreeing: [...new Set(agreeing)], differences, rightCheckpoints, damaged };
  return { step, root, verdict, ...said };
}

function firstDifference(computed: readonly ValueHashes[], told: readonly ValueHashes[]) {
  for (const [bucket, hashes] of computed.entries()) {
    const part = PARTS.find((one) => hashes[one] !== told[bucket]?.[one]);
    if (part !== undefined) return { bucket, part };
  }
  return undefined;
}
