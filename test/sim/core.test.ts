/** Time and chance in the simulator. */
import test from 'ava';
import { VirtualClock } from '../../sim/core/clock.ts';
import { Draws, drawKey, drawShare, mix, spreadFactor } from '../../sim/core/draws.ts';

test('what is due comes in the order of its time, and of asking at one moment', (t) => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  for (let i = 0; i < 500; i++) {
    const atMs = mix(1, i) % 50;
    clock.at(atMs, () => seen.push(`${String(atMs).padStart(2)} ${String(i).padStart(3)}`));
  }
  while (clock.step());
  t.is(seen.length, 500);
  t.deepEqual(seen, [...seen].sort());
});

test('a salt draws another order at one moment, and none across moments', (t) => {
  const orders = [1, 1, 2].map((salt) => {
    const clock = new VirtualClock(salt);
    const seen: number[] = [];
    for (let i = 0; i < 100; i++) clock.at(i < 50 ? 1 : 2, () => seen.push(i));
    while (clock.step());
    t.true(seen.slice(0, 50).every((i) => i < 50));
    return seen;
  });
  t.deepEqual(orders[0], orders[1]);
  t.notDeepEqual(orders[0], orders[2]);
});

test('time goes on to the entry, not beyond the limit', (t) => {
  const clock = new VirtualClock();
  clock.after(10, () => clock.after(5, () => {}));
  t.true(clock.step(12));
  t.is(clock.nowMs, 10);
  t.false(clock.step(12));
  t.is(clock.pending, 1);
  t.throws(() => clock.at(9, () => {}), { name: 'AssertionError' });
});

test('draws are uniform, and differ with every number that names them', (t) => {
  const key = drawKey(7, 'test');
  for (const place of [0, 1, 2, 3]) {
    const bins = new Array<number>(16).fill(0);
    for (let i = 0; i < 16_000; i++) {
      const numbers = [0, 0, 0, 0].map((_, at) => (at === place ? i : 5));
      const [a, b, c, d] = numbers as [number, number, number, number];
      bins[Math.floor(drawShare(key, a, b, c, d) * 16)]!++;
    }
    t.true(Math.max(...bins) < 1200 && Math.min(...bins) > 800, `place ${place}: ${bins}`);
  }
  t.not(drawKey(7, 'a'), drawKey(7, 'b'));
  t.not(drawKey(7, 'a'), drawKey(8, 'a'));
  t.not(drawKey(7, 'a'), drawKey(7 + 2 ** 32, 'a'));
});

test('spreads have a mean near 1', (t) => {
  const key = drawKey(1, 'spread');
  for (const spread of ['constant', 'uniform', 'heavy'] as const) {
    let sum = 0;
    for (let i = 0; i < 20_000; i++) sum += spreadFactor(spread, drawShare(key, i));
    t.true(Math.abs(sum / 20_000 - 1) < 0.1, `${spread}: ${sum / 20_000}`);
  }
});

test('an order is drawn without loss', (t) => {
  const items = Array.from({ length: 30 }, (_, i) => i);
  const shuffled = new Draws(3, 'order').shuffled(items);
  t.notDeepEqual(shuffled, items);
  t.deepEqual(
    [...shuffled].sort((a, b) => a - b),
    items,
  );
});
