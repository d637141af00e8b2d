/**
 * Which start of a node this is. The number grows with every start, also where a clock was set
 * back, so that the others take its new words for new.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../files/index.ts';

const FILE = 'incarnation';

/** Greater than at every earlier start in this folder; the wall clock's, where that is no less. */
export async function nextIncarnation(folder: string, nowMs: number): Promise<number> {
  const path = join(folder, FILE);
  const text = await readFile(path, 'utf8').catch(() => '');
  const before = /^\d{1,15}\s*$/.test(text) ? Number(text) : 0;
  const incarnation = Math.max(before + 1, nowMs);
  await writeFileAtomic(path, `${incarnation}\n`);
  return incarnation;
}
