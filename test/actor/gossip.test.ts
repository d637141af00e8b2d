/** How news travels among many: everybody is told in turn, and the burden is shared. */
import test from 'ava';
import { paceAmong, TOLD_ALL_MAX, toldAmong } from '../../node/actor/gossip.ts';

const NODES = Array.from({ length: 200 }, (_, i) => `n${String(i).padStart(3, '0')}`);
const othersOf = (self: string) => NODES.filter((id) => id !== self);

test('up to 32 others everybody tells everybody, and beyond words take their time', (t) => {
  t.false(paceAmong(TOLD_ALL_MAX).isWide);
  t.is(paceAmong(TOLD_ALL_MAX).beats, 0);
  const [wide, wider] = [paceAmong(TOLD_ALL_MAX + 1), paceAmong(1_000)];
  t.true(wide.isWide);
  t.true(wide.beats > 0 && wider.beats > wide.beats);
});

test('in words enough to tell all twice, each other node is told', (t) => {
  const self = 'n077';
  const others = othersOf(self);
  const told = new Set<string>();
  for (let word = 0; word < 2 * Math.ceil(others.length / 16); word++) {
    const now = toldAmong(others, self, word);
    t.is(new Set(now).size, 16, 'nobody twice in one word');
    for (const id of now) told.add(id);
  }
  t.deepEqual([...told].sort(), others);
});

test('with one word each, every node is told by about as many others', (t) => {
  for (const word of [0, 1, 57]) {
    const counts = new Map<string, number>();
    for (const self of NODES) {
      for (const id of toldAmong(othersOf(self), self, word)) {
        t.not(id, self);
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    }
    const all = NODES.map((id) => counts.get(id) ?? 0);
    t.true(
      Math.min(...all) >= 12 && Math.max(...all) <= 20,
      `${Math.min(...all)}..${Math.max(...all)}`,
    );
  }
});

test('what one knows a thousand know after four words, if each who hears it passes it on', (t) => {
  const nodes = Array.from({ length: 1_000 }, (_, i) => `n${String(i).padStart(4, '0')}`);
  for (const first of [0, 1, 500]) {
    const knowing = new Set([nodes[first]!]);
    for (let word = first; word < first + 4; word++) {
      const tellers = [...knowing];
      for (const self of tellers) {
        const others = nodes.filter((id) => id !== self);
        for (const id of toldAmong(others, self, word)) knowing.add(id);
      }
    }
    t.is(knowing.size, nodes.length, `first told by ${nodes[first]}`);
  }
});

test('among few others than a word has room for, each is told once', (t) => {
  t.deepEqual(toldAmong(['a', 'b', 'd'], 'c', 0).sort(), ['a', 'b', 'd']);
});
