/** One bucket of the step at hand that is resolved here, from the first sum to its direction. */
import type { Hash } from '../../protocol/hashes.ts';
import { type Place, topPlace } from '../../protocol/tree.ts';
import type { Context } from './context.ts';
import type { Outbox } from './outbox.ts';
import { type Entry, Reduction } from './reduction.ts';
import type { Row } from './types.ts';

export interface Resolving {
  readonly reductions: Reduction[];
  readonly tops: (Entry | null)[];
  missing: number;
  /** Null until every language is complete. */
  rows: readonly Row[] | null;
  directing: boolean;
  /** Its hash is null where all rows are masked: the bucket keeps its value. */
  direction: { readonly hash: Hash | null } | null;
  updating: boolean;
}

export interface OpenPorts {
  /** The value at a place has come to stand. */
  summed(language: number, place: Place, entry: Entry): void;
  /** Every language has its row. */
  complete(): void;
}

export function openBucket(context: Context, bucket: number, ports: OpenPorts): Resolving {
  const { languages } = context.options;
  const resolving: Resolving = {
    reductions: [],
    tops: languages.map(() => null),
    missing: languages.length,
    rows: null,
    directing: false,
    direction: null,
    updating: false,
  };
  languages.forEach(({ unitsPerStep }, language) => {
    const top = topPlace(unitsPerStep).level;
    const subject = { step: context.step, language, bucket };
    const reduction = new Reduction(context, subject, (place, entry) => {
      ports.summed(language, place, entry);
      if (place.level < top) return 'go on';
      resolving.tops[language] = entry;
      if (--resolving.missing === 0) ports.complete();
      return 'stop';
    });
    resolving.reductions.push(reduction);
  });
  return resolving;
}

/** Rows of text that only some have are kept for holders who can't have them made again. */
export function letGoOfRows(
  context: Context,
  outbox: Outbox,
  bucket: number,
  { tops, rows }: Resolving,
): void {
  const { step, root, options } = context;
  rows!.forEach((row, language) => {
    const { at, unitsPerStep } = options.languages[language]!;
    if (at !== undefined) {
      const { outcome, key, hash, tokens, lossSum } = tops[language]!;
      const name = { language, ...topPlace(unitsPerStep), bucket };
      const value = { outcome, tokens, lossSum, hash };
      outbox.remember({ kind: 'sum', step, root, ...name, ...value }, key);
    } else if (row !== null) context.drop([row.key]);
  });
}

/** What is here of the sum under a place: all of a row, or what waits to be added to it. */
export function sumsWithin(
  context: Context,
  resolving: Resolving | undefined,
  { language, ...place }: Place & { readonly language: number },
): { place: Place; entry: Entry }[] {
  if (resolving === undefined) return [];
  const { tops, reductions, direction } = resolving;
  const top = tops[language];
  if (top === null || top === undefined) return reductions[language]!.within(place);
  const { unitsPerStep } = context.options.languages[language]!;
  return direction === null ? [{ place: topPlace(unitsPerStep), entry: top }] : [];
}
