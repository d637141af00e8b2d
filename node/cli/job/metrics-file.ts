/**
 * metrics.jsonl of a run, through all starts of its node: a row a step, in order, each once. A step
 * is the same whenever it is computed, so a row that an earlier start wrote stands.
 */
import { open, readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../../files/index.ts';
import { parseRow, type TalliedStep, Tally } from './tally.ts';

interface Row {
  readonly line: string;
  readonly tallied: TalliedStep;
}

export class MetricsFile {
  readonly #path: string;
  #tally = new Tally();
  /** The newest step with a row. */
  #last = 0;
  /** By step: roots of rows of earlier starts that are newer than where this one begins. */
  readonly #ahead = new Map<number, string | undefined>();

  constructor(path: string) {
    this.#path = path;
  }

  get tally(): Tally {
    return this.#tally;
  }

  /** Takes over the rows of this run, and those up to `firstStep` of versions that named no run. */
  async begin(runId: string, firstStep: number): Promise<void> {
    const kept = (await this.#rows()).filter(({ tallied }) =>
      tallied.runId === undefined ? tallied.current_steps <= firstStep : tallied.runId === runId,
    );
    for (const { tallied } of kept) {
      if (tallied.current_steps > firstStep) this.#ahead.set(tallied.current_steps, tallied.root);
    }
    await this.#write(kept);
  }

  /** `rowOf` makes the row; it is given how many tokens were scored with it. */
  async add(step: TalliedStep, rowOf: (totalTokens: number) => object): Promise<void> {
    const { current_steps, root } = step;
    if (this.#ahead.has(current_steps)) {
      const isSame = this.#ahead.get(current_steps) === root;
      this.#ahead.delete(current_steps);
      if (isSame) return;
    }
    const isNext = current_steps > this.#last;
    if (isNext) this.#add(step);
    const tokens = Object.values(step.languageTokens).reduce((a, b) => a + b, 0);
    const line = JSON.stringify(rowOf(this.#tally.totalTokens + (isNext ? 0 : tokens)));
    // Steps that an earlier start did not see, or saw otherwise: their place is before others.
    if (!isNext) await this.#write([...(await this.#rows()), { line, tallied: step }]);
    else await this.#append(`${line}\n`);
  }

  /** Of a step that has two the later one counts. */
  async #write(rows: readonly Row[]): Promise<void> {
    const byStep = new Map(rows.map((row) => [row.tallied.current_steps, row]));
    const sorted = [...byStep.values()].sort(
      (a, b) => a.tallied.current_steps - b.tallied.current_steps,
    );
    this.#tally = new Tally();
    this.#last = 0;
    for (const { tallied } of sorted) this.#add(tallied);
    await writeFileAtomic(this.#path, sorted.map(({ line }) => `${line}\n`).join(''));
  }

  #add(step: TalliedStep): void {
    this.#tally.add(step);
    this.#last = step.current_steps;
  }

  async #append(text: string): Promise<void> {
    const file = await open(this.#path, 'a');
    try {
      await file.write(text);
    } finally {
      await file.close();
    }
  }

  /** Whole rows; one that a kill has cut is left out. */
  async #rows(): Promise<Row[]> {
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    return text.split('\n').flatMap((line) => {
      const tallied = parseRow(line);
      return tallied === undefined ? [] : [{ line, tallied }];
    });
  }
}
