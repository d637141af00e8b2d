/** Measures of the bench that only few could check by eye, on matrices whose answers are known. */
import test from 'ava';
import { alignedResidual } from '../../scripts/bench-resolve/aligned.ts';
import { projectionsResidual } from '../../scripts/bench-resolve/measures.ts';
import { allclose } from '../helpers/allclose.ts';

const CLOSE = { rtol: 1e-15, atol: 0 };

test("aligned-mtl's measure is nothing for its definition, and else how far d is off", (t) => {
  const apart = Float64Array.of(1, 0, 0, 4);
  t.is(alignedResidual(apart, [0.5, 0.25]), 0);
  // d is 2·0.125 longer in the second place, of ‖p‖ = √½.
  allclose([alignedResidual(apart, [0.5, 0.375])], [0.25 / Math.SQRT1_2], CLOSE);
  const longer = apart.map((entry) => entry * 2 ** 80);
  t.is(alignedResidual(longer, [0.5, 0.25]), 0, 'the length of rows is no matter');
});

test("aligned-mtl's measure looks at d, not at which of equal rows has the weight", (t) => {
  const equal = Float64Array.of(1, 1, 1, 1);
  t.true(alignedResidual(equal, [0.5, 0.5]) < 1e-60);
  t.true(alignedResidual(equal, [1, 0]) < 1e-60);
  allclose([alignedResidual(equal, [0, 0])], [1], CLOSE);
});

/** (1, 0) and (−1, 1): half of (½, ½) and half of (0, 1) harm neither. */
const CONFLICT = Float64Array.of(1, -1, -1, 2);
const PROJECTIONS = [
  [0.5, 0.25],
  [0.5, 0.5],
];

test("upgrad's measure is nothing for the sum of the rows' projections alone", (t) => {
  t.is(projectionsResidual(CONFLICT, [1, 0.75], PROJECTIONS), 0);
  t.true(projectionsResidual(CONFLICT, [1, 0.7], PROJECTIONS) > 0.02, 'no sum of them');
  t.true(projectionsResidual(CONFLICT, [1, 0.75], PROJECTIONS.toReversed()) > 0.1, 'of each other');
  const rows = [
    [0.5, 0],
    [0, 0.5],
  ];
  allclose([projectionsResidual(CONFLICT, [0.5, 0.5], rows)], [Math.SQRT1_2], CLOSE);
});

test("upgrad's measure takes a row of zeros for its own projection", (t) => {
  const gram = Float64Array.of(0, 0, 0, 1);
  const projections = [
    [0.5, 0],
    [0, 0.5],
  ];
  t.is(projectionsResidual(gram, [0.5, 0.5], projections), 0);
});
