/** What a run's folder says of its steps: rows of metrics, checkpoints, and the report. */
import { readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { z } from 'zod';
import type { ValueHashes } from '../../../protocol/index.ts';
import { type PartedStep, sortParts } from '../../store/index.ts';
import { RunFolderError } from '../errors.ts';
import { listParts } from '../find-parts.ts';
import { type Report, reportSchema } from '../output/index.ts';
import { METRICS_FILE, REPORT_FILE } from '../places.ts';

/** What one place says of one step. */
export interface Word {
  /** The file or folder that says so, as seen from the run's. */
  readonly place: string;
  readonly root: string;
  /** By bucket; null where only the root is known. */
  readonly values: readonly ValueHashes[] | null;
  /** Of the checkpoint whose files are to hold these values; null for a mere root. */
  readonly path: string | null;
}

/** A checkpoint of which something is gone or changed. */
export interface Damage {
  readonly place: string;
  /** Which file, and which bucket as far as can be told. */
  readonly problem: string;
}

export interface Recorded {
  readonly records: ReadonlyMap<number, readonly Word[]>;
  /** Steps of which there are checkpoints or parts of one, newest first. */
  readonly checkpoints: readonly PartedStep[];
  /** Checkpoints whose manifest can't be read, by the step in their name. */
  readonly torn: ReadonlyMap<number, readonly Damage[]>;
  /** Null until the run is over. */
  readonly report: Report | null;
  /** The newest step of which anything is said. */
  readonly last: number;
}

const rowSchema = z.object({
  current_steps: z.number().int().positive(),
  root: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * Reads it all; torn checkpoints, and a last row that a kill has cut, are told through `note`.
 * Throws a RunFolderError for a file that is not what its name says.
 */
export async function readRecorded(run: string, note: (text: string) => void): Promise<Recorded> {
  const records = new Map<number, Word[]>();
  const add = (step: number, word: Word) => {
    records.set(step, [...(records.get(step) ?? []), word]);
  };
  for (const { step, root } of await readRows(run, note)) {
    add(step, { place: METRICS_FILE, root, values: null, path: null });
  }
  const { steps: checkpoints, refused } = await sortParts(await listParts(run));
  const torn = new Map<number, Damage[]>();
  for (const error of refused) {
    note(`${error.name} ${error.message} It is passed over.`);
    const step = Number(/^checkpoint-(\d+)$/.exec(basename(error.path))?.[1]);
    const damage = { place: relative(run, error.path), problem: error.problem };
    torn.set(step, [...(torn.get(step) ?? []), damage]);
  }
  for (const { step, parts } of checkpoints) {
    for (const { path, manifest } of parts) {
      const place = relative(run, path) || path;
      add(step, { place, root: manifest.root, values: manifest.values, path });
      const { previousRoot } = manifest;
      if (previousRoot === null) continue;
      add(step - 1, { place, root: previousRoot, values: null, path: null });
    }
  }
  const report = await readReport(run);
  return { records, checkpoints, torn, report, last: Math.max(0, ...records.keys()) };
}

async function readRows(
  run: string,
  note: (text: string) => void,
): Promise<{ step: number; root: string }[]> {
  const path = join(run, METRICS_FILE);
  const lines = (await readFile(path, 'utf8').catch(() => '')).split('\n');
  return lines.flatMap((line, i) => {
    if (line === '') return [];
    const json = parseJson(line);
    const parsed = rowSchema.safeParse(json);
    if (parsed.success) return [{ step: parsed.data.current_steps, root: parsed.data.root }];
    const place = `${path}:${i + 1}`;
    // Only what a kill has cut ends without its newline, and is no JSON then.
    if (i === lines.length - 1 && json === undefined) {
      note(`${place}: the last row is cut, as a kill leaves it. It is passed over.`);
      return [];
    }
    const problem = 'is no row with current_steps and root: cut, changed, or of an older version';
    throw new RunFolderError(place, `${problem}. Remove the line.`);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readReport(run: string): Promise<Report | null> {
  const path = join(run, REPORT_FILE);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return null;
  const parsed = reportSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const problem =
    'is not a report of this version of isogloss: damaged, or another version wrote it';
  throw new RunFolderError(path, `${problem}. Move it away.`);
}
