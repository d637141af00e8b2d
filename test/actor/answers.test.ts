/** Questions about what was said: honest ones are answered, a flood of them is not. */
import test from 'ava';
import type { Effect } from '../../node/actor/index.ts';
import type { Message } from '../../protocol/messages.ts';
import { OURS, ROOT, started } from './one-actor.ts';

/** As many as a node and one that began anew in its place may ask. */
const ENOUGH = 16;

const questionOf = (step: number, print: string): Message => ({
  ...({ kind: 'question', step, root: ROOT, print } as const),
  value: { kind: 'direction', step, bucket: OURS[0]! },
});

const isAnswer = (effect: Effect) => effect.kind === 'send' && effect.message.kind === 'inputs';

test('a node that asks about one step without end gets so many answers, and no more', (t) => {
  const { hear } = started();
  let answers = 0;
  for (let n = 0; n < 1_000; n++) answers += hear(questionOf(0, `${n}`)).filter(isAnswer).length;
  t.is(answers, ENOUGH);
  t.true(hear(questionOf(0, '0'), null, 'hobby').some(isAnswer), 'others are answered');
});

test('nor about steps that this node knows nothing of', (t) => {
  const { hear } = started();
  let answers = 0;
  for (let n = 1; n < 1_000; n++) answers += hear(questionOf(n, '0')).filter(isAnswer).length;
  t.is(answers, ENOUGH);
  t.true(hear(questionOf(0, '0')).some(isAnswer), 'the step at hand is another matter');
});
