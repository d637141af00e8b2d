/** Where numbers lie: what came with its hash is not lost to what was made here of another. */
import test from 'ava';
import { MemoryFaultError } from '../../node/bulk/errors.ts';
import { SHARED_MEMORY } from '../../node/bulk/index.ts';
import { Shelf, type Value } from '../../node/bulk/shelf.ts';

const NAME = 'value 3 1';
const RIGHT = Float32Array.of(1, 2);
const WRONG = Float32Array.of(1, 3);

function whole(published: Float32Array): Value {
  return { published, master: published.slice(), state: { arrays: {}, scalars: {} } as never };
}

test('what is adopted wins over another value that was made here ahead of it', (t) => {
  const shelf = new Shelf(SHARED_MEMORY);
  shelf.made(NAME, whole(WRONG));
  shelf.setTensor('came', RIGHT);
  shelf.rearrange({ kind: 'adopt', key: 'came', step: 3, bucket: 1 });
  t.deepEqual(shelf.value(NAME).published, RIGHT);
  t.is(shelf.value(NAME).master, null);
});

test('what is made here of something wrong does not take the place of what was adopted', (t) => {
  const shelf = new Shelf(SHARED_MEMORY);
  shelf.setTensor('came', RIGHT);
  shelf.rearrange({ kind: 'adopt', key: 'came', step: 3, bucket: 1 });
  shelf.made(NAME, whole(WRONG));
  t.deepEqual(shelf.value(NAME).published, RIGHT);
});

const ORDERS = ['made first', 'adopted first'] as const;

/** A value was made here, and came as what is right. */
function twice(order: (typeof ORDERS)[number], made: Float32Array): Shelf {
  const shelf = new Shelf(SHARED_MEMORY);
  const adopt = () => {
    shelf.setTensor('came', RIGHT.slice());
    shelf.rearrange({ kind: 'adopt', key: 'came', step: 3, bucket: 1 });
  };
  if (order === 'adopted first') adopt();
  shelf.made(NAME, whole(made));
  if (order === 'made first') adopt();
  return shelf;
}

test('where one of the two has rotted, whoever needs all of it is told', (t) => {
  for (const order of ORDERS) {
    const shelf = twice(order, WRONG);
    t.throws(() => shelf.whole(NAME), { instanceOf: MemoryFaultError, message: /^value 3 1 / });
    // What comes anew is as it came.
    shelf.setValue(NAME, whole(RIGHT));
    t.deepEqual(shelf.whole(NAME).master, RIGHT, order);
  }
});

test('the same value made and adopted stays whole, in either order', (t) => {
  for (const order of ORDERS) t.deepEqual(twice(order, RIGHT).value(NAME).master, RIGHT, order);
});
