/** Labelled streams: fixed for ever, apart from each other, evenly spread. */
import test from 'ava';
import { createStream } from '../../protocol/random.ts';

test('the same labels give the same numbers, other labels others', (t) => {
  const draw = (...labels: (string | number)[]) => {
    const stream = createStream(...labels);
    return Array.from({ length: 8 }, () => stream.nextUint32());
  };
  t.deepEqual(draw('data', 1, 'swh_Latn'), draw('data', 1, 'swh_Latn'));
  t.notDeepEqual(draw('data', 1, 'swh_Latn'), draw('data', 2, 'swh_Latn'));
  t.notDeepEqual(draw('a', 'b'), draw('ab'));
  t.notDeepEqual(draw(1), draw('1'));
});

test('the numbers are fixed for ever', (t) => {
  const stream = createStream('fixed', 1);
  t.deepEqual(
    Array.from({ length: 4 }, () => stream.nextUint32()),
    FIXED,
  );
});

/** What Blackman and Vigna's C code gives, computed apart from ours in Python. */
const FIXED = [2738524770, 2841296023, 2556375662, 512230532];

test('numbers below a bound are spread evenly', (t) => {
  const stream = createStream('even');
  const counts = new Array<number>(6).fill(0);
  for (let i = 0; i < 60_000; i++) counts[stream.nextBelow(6)]!++;
  for (const count of counts) t.true(Math.abs(count - 10_000) < 500, `${counts}`);
});

test('floats lie in [0, 1) and average one half', (t) => {
  const stream = createStream('float');
  let sum = 0;
  for (let i = 0; i < 20_000; i++) {
    const value = stream.nextFloat();
    t.true(value >= 0 && value < 1);
    sum += value;
  }
  t.true(Math.abs(sum / 20_000 - 0.5) < 0.01);
});
