/** Where the other members stand, as far as their messages have shown. */

interface Standing {
  step: number;
  durable: number | null;
}

export class Standings {
  readonly #standings: ReadonlyMap<string, Standing>;

  constructor(others: readonly string[]) {
    this.#standings = new Map(others.map((id) => [id, { step: 0, durable: null }]));
  }

  /** A member stands at `step` at least. Whether that is news. */
  heard(peer: string, step: number): boolean {
    const standing = this.#standings.get(peer);
    if (standing === undefined || standing.step >= step) return false;
    standing.step = step;
    return true;
  }

  /** A member says which step it has on disk. */
  durable(peer: string, step: number | null): void {
    const standing = this.#standings.get(peer);
    if (standing !== undefined) standing.durable = step;
  }

  /** The step at which every other member stands at least; infinite without any. */
  get least(): number {
    return Math.min(...[...this.#standings.values()].map(({ step }) => step));
  }

  /** The newest step that every other member has on disk, or a newer one; infinite without any. */
  get leastDurable(): number {
    return Math.min(...[...this.#standings.values()].map(({ durable }) => durable ?? 0));
  }

  /** Whether every other member stands at `step` and has it on disk. */
  allDurableAt(step: number): boolean {
    return [...this.#standings.values()].every((s) => s.step >= step && s.durable === step);
  }
}
