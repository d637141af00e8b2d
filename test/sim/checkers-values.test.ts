/** Checkers of values see what they are for: hashes, roots, units and numbers that are wrong. */
import test from 'ava';
import type { BulkEvent, Effect } from '../../node/actor/index.ts';
import { eachEffect, meddling, numbersOf, trialOf } from './meddler.ts';
import { sees } from './sees.ts';

const OTHER = 'f'.repeat(64);

test('a value of which two holders have other hashes is seen', async (t) => {
  const tamper = numbersOf('n1', (result) =>
    result.kind === 'updated' && result.step === 2 ? { ...result, optimizer: OTHER } : result,
  );
  const text = /^value 3 \d is [0-9a-f]{8} and [0-9a-f]{8}$/;
  await sees(t, 'one hash per name', text, trialOf({}), { tamper });
});

test('a root that is not the oracle’s is seen, and the first bucket that differs', async (t) => {
  const wrong = (effect: Effect): Effect[] => {
    if (effect.kind !== 'stepped' || effect.step !== 3) return [effect];
    const values = effect.values.map((hashes, bucket) =>
      bucket >= 2 ? { ...hashes, aggregator: OTHER } : hashes,
    );
    return [{ ...effect, root: OTHER, values }];
  };
  const createActor = meddling('n1', eachEffect(wrong));
  const text =
    /^root\(3\) of n1 is f{8}, the oracle's is [0-9a-f]{8}; bucket 2 is the first that differs$/;
  const found = await sees(t, 'bits of the oracle', text, trialOf({}), { createActor });
  t.is(found.bucket, 2);
  t.is(found.step, 3);
});

test('a step that the oracle does not have is seen, and no root made up for it', async (t) => {
  const further = (effect: Effect): Effect[] =>
    effect.kind === 'stepped' && effect.step === 5 ? [{ ...effect, step: 6 }] : [effect];
  const createActor = meddling('n1', eachEffect(further));
  const text = /^root\(6\) of n1 is [0-9a-f]{8}, and the oracle's last step is 5$/;
  const found = await sees(t, 'bits of the oracle', text, trialOf({}), { createActor });
  t.is(found.bucket, null);
});

test('a unit that is added twice is seen, and one that a row lacks', async (t) => {
  const twice = (effect: Effect): Effect[] =>
    effect.kind === 'add' ? [{ ...effect, right: effect.left }] : [effect];
  const added = { createActor: meddling('n1', eachEffect(twice)) };
  const doubled = / adds (.*) \((\[[\d ]+\])\) and \1 \(\2\)$/;
  await sees(t, 'each unit once', doubled, trialOf({}), added);
  // The row of language 2, of two units, in place of that of language 1, of three.
  const mixed = (effect: Effect): Effect[] => {
    if (effect.kind !== 'gram') return [effect];
    const [first = null, second = null, last = null] = effect.rows;
    return [{ ...effect, rows: [first, second && last, last] }];
  };
  const createActor = meddling('n1', eachEffect(mixed));
  const lacking = /^the row of language 1 is made of units \[[\d ]*\], \[[\d ]*\] are absent$/;
  await sees(t, 'each unit once', lacking, trialOf({}), { createActor });
});

test('a node that stands at a step twice is seen', async (t) => {
  const again = (effect: Effect): Effect[] =>
    effect.kind === 'stepped' && effect.step === 3 ? [effect, effect] : [effect];
  const createActor = meddling('n1', eachEffect(again));
  const text = /^n1 went from step 3 to 3$/;
  await sees(t, 'versions in order', text, trialOf({}), { createActor });
});

test('what descends from another root and is used is seen', async (t) => {
  // n0 says it of a root that nobody has; n1 looks away, and takes it for its own.
  const roots = new Map<number, string>();
  const other = meddling(
    'n0',
    eachEffect((effect) => {
      if (effect.kind === 'stepped') roots.set(effect.step, effect.root);
      if (effect.kind !== 'send' || effect.message.kind !== 'update') return [effect];
      return [{ ...effect, message: { ...effect.message, root: OTHER } }];
    }),
  );
  const blind = meddling(
    'n1',
    (effects) => effects,
    (event) => {
      if (event.kind !== 'message' || event.message.kind !== 'update') return event;
      const root = roots.get(event.message.step) ?? event.message.root;
      return { ...event, message: { ...event.message, root } };
    },
  );
  const text = /^used a update of root f{8}, its own is [0-9a-f]{8}$/;
  await sees(t, 'own root only', text, trialOf({}), {
    createActor: (options) => (options.self === 'n0' ? other : blind)(options),
  });
});

test('weights off the simplex, a gap and an update that is not finite are seen', async (t) => {
  const trial = trialOf({ aggregator: { name: 'mgda', normalize: 'none' } });
  const wrong = (change: (result: BulkEvent) => BulkEvent) => ({
    tamper: numbersOf('n1', change),
  });
  const heavy = wrong((result) =>
    result.kind === 'weighed'
      ? { ...result, weights: result.weights.map((weight) => 1.01 * weight) }
      : result,
  );
  await sees(t, 'numbers are sound', /^weights [\d.,e-]+$/, trial, heavy);
  const far = wrong((result) =>
    result.kind === 'weighed' ? { ...result, gapRelative: 1e-3 } : result,
  );
  await sees(t, 'numbers are sound', /^relative gap 0\.001$/, trial, far);
  const infinite = wrong((result) =>
    result.kind === 'updated' ? { ...result, finite: false } : result,
  );
  await sees(t, 'numbers are sound', /^an update is not finite$/, trial, infinite);
});
