/** What cagrad says of its answers beside exact arithmetic, also where d nearly cancels. */
import test from 'ava';
import { resolve } from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';
import { exactCagradGapOf, wholeRoot } from './exact.ts';
import { type Matrix, nastyMatrix, roundedOppositeMatrix, shareMatrix } from './matrices.ts';

/** A gap of at most this share of ‖d‖² is an answer. */
const KNOWN = 2 ** -10;

const hostile: readonly Matrix[] = [
  ...Array.from({ length: 1500 }, (_, seed) => shareMatrix(seed, true)),
  ...Array.from({ length: 500 }, (_, seed) => shareMatrix(seed)),
  ...Array.from({ length: 300 }, (_, seed) => roundedOppositeMatrix(seed)),
  ...Array.from({ length: 420 }, (_, seed) => nastyMatrix(seed)).filter(({ m }) => m <= 6),
];

for (const c of [0.4, 0.9, 1, 3]) {
  test(`c = ${c}: converged is said of a small duality gap alone, in exact arithmetic`, (t) => {
    const counts = { converged: 0, not: 0 };
    let worst = 0;
    for (const { label, gram } of hostile) {
      const { weights, certificate } = resolve(gram, { aggregator: 'cagrad', c });
      if (certificate.problem === 'none' || certificate.stationary) continue;
      const exact = exactCagradGapOf(gram, weights, c);
      if (exact === null) continue;
      const { converged, gapRelative } = certificate;
      counts[converged ? 'converged' : 'not']++;
      if (!converged) continue;
      worst = Math.max(worst, exact);
      t.true(exact <= 1.001 * KNOWN, `${label}: ${exact}, and said is ${gapRelative}`);
      t.true(exact <= gapRelative + 2 ** -13, `${label}: ${exact}, and said is ${gapRelative}`);
    }
    t.log({ ...counts, worst });
    t.true(counts.converged > 400 && counts.not > 5);
  });
}

test('a mean that is short beside the rows costs d none of its digits', (t) => {
  // What the distance from the mean is off by counts ‖g_w‖/‖d‖ times: 7 % of ‖d‖² for the last.
  let count = 0;
  for (let seed = 10; seed < 700; seed += 14) {
    const { label, m, gram } = nastyMatrix(seed);
    if (m > 11) continue;
    t.true(label.startsWith('nearly stationary'));
    const { weights, certificate } = resolve(gram, { aggregator: 'cagrad', c: 0.9 });
    if (certificate.stationary) continue;
    count++;
    t.true(certificate.converged && certificate.gapRelative <= 1e-4, label);
    t.true(exactCagradGapOf(gram, weights, 0.9)! <= 1e-4, label);
  }
  t.true(count > 20);
});

test('the gap as a share of ‖d‖² is the same however d is scaled', (t) => {
  let count = 0;
  for (const { label, gram } of hostile) {
    // 1 + c and 1 + c² are 2: nothing is rounded anew.
    const [plain, ...scaled] = (['none', 'linear', 'square'] as const).map(
      (rescale) => resolve(gram, { aggregator: 'cagrad', c: 1, rescale }).certificate,
    );
    if (plain!.stationary || !(plain!.gapRelative > 1e-9)) continue;
    for (const { gapRelative } of scaled) t.is(gapRelative, plain!.gapRelative, label);
    count++;
  }
  t.true(count > 50);
});

test('roots of whole numbers are the largest whose square is no larger', (t) => {
  const random = createStream('whole roots');
  for (let i = 0n; i < 200n; i++) {
    const root = (BigInt(random.nextUint32()) << (3n * i)) + BigInt(random.nextUint32());
    t.deepEqual(
      [root * root, root * root + 2n * root].map((value) => wholeRoot(value)),
      [root, root],
    );
  }
  t.deepEqual([0n, 1n, 2n, 3n, 4n].map(wholeRoot), [0n, 1n, 1n, 1n, 2n]);
});
