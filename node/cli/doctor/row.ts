/** One row of the doctor: what was looked at, what was found, and what to do if that is wrong. */
import { IsoglossError } from '../../../protocol/index.ts';

export interface Row {
  readonly name: string;
  readonly value: string;
  readonly ok: boolean;
  /** What to do; empty where nothing is to be done. */
  readonly remedy: string;
}

export const good = (name: string, value: string): Row => ({ name, value, ok: true, remedy: '' });

/** The row that `look` finds; what the world did wrong meanwhile becomes a row that is not ok. */
export async function attempt(name: string, look: () => Promise<Row[]>): Promise<Row[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof IsoglossError)) throw error;
    return [{ name, value: error.name, ok: false, remedy: error.message }];
  }
}
