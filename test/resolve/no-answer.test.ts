/** Where 53 digits hold no answer, the certificate does not say that there is one. */
import test from 'ava';
import { gramOfRows, resolve } from '../../node/resolve/index.ts';

test('rows that are opposite but for rounding: no projection on their cone is claimed', (t) => {
  const rows = [Float32Array.of(1, 0, 0), Float32Array.of(-1, 6e-8, 0), Float32Array.of(0, -2, 1)];
  const gram = gramOfRows(rows);
  for (const aggregator of ['dualproj', 'upgrad'] as const) {
    const { certificate } = resolve(gram, { aggregator });
    t.true(certificate.gapRelative > 1e-9 && certificate.leastDescent < 0, aggregator);
    t.false(certificate.converged, aggregator);
  }
  rows[1] = Float32Array.of(-1, 1e-3, 0);
  for (const aggregator of ['dualproj', 'upgrad'] as const)
    t.true(resolve(gramOfRows(rows), { aggregator }).certificate.converged, aggregator);
});

test('a matrix that is indefinite by its rounding: no fixed point is claimed', (t) => {
  const nash = Float64Array.of(
    ...[0.0016090467106550932, -0.03400322049856186, 0.009154246188700199],
    ...[-0.03400322049856186, 0.7185739874839783, -0.19345234334468842],
    ...[0.009154246188700199, -0.19345234334468842, 0.0520806610584259],
  );
  const fair = Float64Array.of(
    ...[1.286920189857483, -1.4012620449066162, -2.529479503631592],
    ...[-1.4012620449066162, 1.5257630348205566, 2.7542219161987305],
    ...[-2.529479503631592, 2.7542219161987305, 4.971766471862793],
  );
  const answers = [
    resolve(nash, { aggregator: 'nash-mtl' }),
    resolve(fair, { aggregator: 'fairgrad', alpha: 3 }),
  ];
  for (const { certificate } of answers) {
    t.true(certificate.gapRelative > 1);
    t.false(certificate.converged);
  }
});

test('steps that end in rounding are judged by the balance that they have come to', (t) => {
  const { weights, certificate } = resolve([8, -8, -8, 8 + 2 ** -30], { aggregator: 'nash-mtl' });
  t.true(certificate.converged);
  t.true(certificate.gap < 1e-5, `${certificate.gap} by ${weights}`);
  for (const e of [1.1e-6, 1.5e-6, 2e-6]) {
    const [along, across] = [1 + e * e, -1 + e * e];
    const options = { aggregator: 'fairgrad', alpha: 0.5 } as const;
    const { certificate: fair } = resolve([along, across, across, along], options);
    t.is(fair.problem, 'fixed-point', `${e}`);
    t.true(fair.converged && fair.gapRelative < 1e-9, `${e}: ${fair.gapRelative}`);
  }
});
