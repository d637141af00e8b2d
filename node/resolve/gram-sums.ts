/**
 * A Gram matrix of rows that arrive in pieces: nothing is kept of them but less than a block, and
 * the bits are those of `gramOfRows` on whole rows, however they were cut.
 */
import { GramError } from './errors.ts';
import { expandTriangle } from './gram.ts';
import { BLOCK, commonLength, kernel, type Row, readRow } from './kernel/index.ts';
import { presentLanguages } from './mask.ts';
import { checkKinds } from './rows-check.ts';
import { maskOfAny } from './vector-check.ts';

export class GramSums {
  readonly #m: number;
  readonly #present: readonly number[];
  readonly #sums: Float64Array;
  /** By row that is present: the last values that do not fill a block yet. */
  readonly #rest: readonly Float32Array[];
  #restLength = 0;
  #finished = false;

  /**
   * `mask`: by row, 1 where there is one; the others give zeros. Throws a GramError for what is no
   * mask.
   */
  constructor(mask: ArrayLike<number>) {
    const bits = maskOfAny(mask);
    this.#m = bits.length;
    this.#present = presentLanguages(bits);
    this.#sums = new Float64Array(this.#present.length ** 2);
    this.#rest = this.#present.map(() => new Float32Array(BLOCK));
  }

  /**
   * The next elements of every row, in order: equally many of each, null for those masked. Throws a
   * GramError for anything else, and after `finish`; then nothing is added.
   */
  add(pieces: readonly (Row | null)[]): void {
    if (this.#finished) throw new GramError('pieces came after finish; begin another GramSums');
    checkKinds(pieces, true);
    if (pieces.length !== this.#m) {
      throw new GramError(`there are ${pieces.length} pieces, expected ${this.#m}: one a row`);
    }
    pieces.forEach((piece, i) => {
      if (this.#present.includes(i) === (piece !== null)) return;
      const what = piece === null ? 'no piece, and the mask has it' : 'a piece, and is masked';
      throw new GramError(`row ${i} has ${what}. Give null for what is masked, and nothing else.`);
    });
    const given = pieces.filter((piece) => piece !== null);
    const length = commonLength(pieces);
    const filling = Math.min(length, this.#restLength === 0 ? 0 : BLOCK - this.#restLength);
    this.#keep(given, 0, filling);
    if (this.#restLength === BLOCK) this.#flush();
    const whole = length - filling - ((length - filling) % BLOCK);
    kernel().addProducts(this.#sums, given, filling, filling + whole);
    this.#keep(given, filling + whole, length - filling - whole);
  }

  /** G, m·m. No piece may follow. Throws a GramError for a row with a value that is not finite. */
  finish(): Float64Array {
    this.#flush();
    this.#finished = true;
    const gram = expandTriangle(this.#sums, this.#present, this.#m);
    const wrong = this.#present.find((i) => !Number.isFinite(gram[i * this.#m + i]));
    if (wrong === undefined) return gram;
    throw new GramError(`row ${wrong} has a value that is not finite. Mend it, or mask the row.`);
  }

  #keep(pieces: readonly Row[], start: number, count: number): void {
    pieces.forEach((piece, k) => {
      readRow(piece, start, this.#rest[k]!.subarray(this.#restLength, this.#restLength + count));
    });
    this.#restLength += count;
  }

  #flush(): void {
    kernel().addProducts(this.#sums, this.#rest, 0, this.#restLength);
    this.#restLength = 0;
  }
}
