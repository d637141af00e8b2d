/** Doubts: before anybody is blamed memory is hashed again, though not for each word. */
import test from 'ava';
import { Context } from '../../node/actor/context.ts';
import { Doubts } from '../../node/actor/doubts.ts';
import { OPTIONS } from './one-actor.ts';

const STEP = 2;

/** Doubts of a node at a step; each call says how often memory is to be hashed again for it. */
function doubting() {
  const context = new Context(OPTIONS);
  context.step = STEP;
  const doubts = new Doubts(context);
  const rehashes = () => context.takeEffects().filter(({ kind }) => kind === 'rehash').length;
  return {
    doubts,
    rehashes,
    hear: (from: string, said: string) => {
      doubts.add({ from, step: STEP, said });
      return rehashes();
    },
    waitMs: (ms: number) => {
      context.nowMs += ms;
      doubts.tend();
      return rehashes();
    },
    answer: () => doubts.answered(STEP).map(({ from, said }) => `${from} ${said}`),
  };
}

test('words that come while memory is hashed wait for the same answer', (t) => {
  const { hear, answer } = doubting();
  t.is(hear('merlin', 'a'), 1);
  t.is(hear('merlin', 'b'), 0);
  t.is(hear('hobby', 'a'), 0);
  t.deepEqual(answer(), ['merlin a', 'merlin b', 'hobby a']);
  t.deepEqual(answer(), []);
});

test('a later word has memory hashed again, since it may have rotted, after a pause', (t) => {
  const { hear, answer, waitMs } = doubting();
  hear('merlin', 'a');
  answer();
  t.is(hear('merlin', 'b'), 0, 'who has been doubted waits');
  t.is(waitMs(3_900), 0);
  t.is(waitMs(200), 1);
  t.deepEqual(answer(), ['merlin b']);
});

test("nobody's first word waits because of what another says", (t) => {
  const { hear, answer } = doubting();
  hear('merlin', 'a');
  answer();
  t.is(hear('merlin', 'b'), 0);
  t.is(hear('hobby', 'a'), 1);
  t.deepEqual(answer(), ['merlin b', 'hobby a']);
});

test('who says thousands of wrong words has memory hashed a few times', (t) => {
  const { doubts, hear, answer, waitMs } = doubting();
  let rehashed = 0;
  for (let word = 0; word < 3_000; word++) {
    const count = hear('merlin', `${word}`) + waitMs(100);
    t.true(count <= 1 && doubts.size <= 8);
    rehashed += count;
    if (count > 0) answer();
  }
  t.true(rehashed >= 2 && rehashed <= 8, `${rehashed}`);
});

test('a word is doubted once, however often it is said', (t) => {
  const { hear, answer, waitMs } = doubting();
  hear('merlin', 'a');
  answer();
  t.is(hear('merlin', 'a') + waitMs(60_000), 0);
});

test('what was hashed before this node went back says nothing of what is here now', (t) => {
  const { doubts, rehashes, hear, answer } = doubting();
  hear('merlin', 'a');
  doubts.clear();
  t.is(hear('merlin', 'b'), 0, 'one is under way');
  t.deepEqual(answer(), []);
  t.is(rehashes(), 1);
  t.deepEqual(answer(), ['merlin b']);
});
