/**
 * A Gram matrix of rows that arrive in pieces: nothing is kept of them but less than a block, and
 * the bits are those of `gramOfRows` on whole rows, however they were cut.
 */
import { assert } from '../../protocol/assert.ts';
import { expandTriangle } from './gram.ts';
import { BLOCK, commonLength, kernel, type Row, readRow } from './kernel/index.ts';

export class GramSums {
  readonly #m: number;
  readonly #present: readonly number[];
  readonly #sums: Float64Array;
  /** By row that is present: the last values that do not fill a block yet. */
  readonly #rest: readonly Float32Array[];
  #restLength = 0;
  #finished = false;

  /** `mask`: by row, 1 where there is one; the others give zeros. */
  constructor(mask: ArrayLike<number>) {
    this.#m = mask.length;
    this.#present = Array.from(mask).flatMap((bit, index) => (bit === 1 ? [index] : []));
    this.#sums = new Float64Array(this.#present.length ** 2);
    this.#rest = this.#present.map(() => new Float32Array(BLOCK));
  }

  /** The next elements of every row, in order: equally many of each, null for those masked. */
  add(pieces: readonly (Row | null)[]): void {
    assert(!this.#finished, 'a piece came after the end');
    assert(pieces.length === this.#m, `${pieces.length} rows, expected ${this.#m}`);
    const given = pieces.filter((piece) => piece !== null);
    assert(
      this.#present.every((index) => pieces[index] !== null) &&
        given.length === this.#present.length,
      'pieces come from the rows of the mask, and from no others',
    );
    const length = commonLength(pieces);
    const filling = Math.min(length, this.#restLength === 0 ? 0 : BLOCK - this.#restLength);
    this.#keep(given, 0, filling);
    if (this.#restLength === BLOCK) this.#flush();
    const whole = length - filling - ((length - filling) % BLOCK);
    kernel().addProducts(this.#sums, given, filling, filling + whole);
    this.#keep(given, filling + whole, length - filling - whole);
  }

  /** G, m·m. No piece may follow. */
  finish(): Float64Array {
    this.#flush();
    this.#finished = true;
    return expandTriangle(this.#sums, this.#present, this.#m);
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
