/** The reproductions of Refined Pareto Stationarity, on fewer starts: what they show must be so. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { refinedGroups } from '../../node/resolve/index.ts';
import { chain, chainEnds } from '../../scripts/reproduce-rps/chain.ts';
import { counterExampleSection, dense } from '../../scripts/reproduce-rps/counter-example.ts';
import { meanBlocks } from '../../scripts/reproduce-rps/density.ts';
import { descend, oneBlock, residualsAt, valuesAt } from '../../scripts/reproduce-rps/descent.ts';
import { drawHouses } from '../../scripts/reproduce-rps/houses.ts';
import { chainOfModels } from '../../scripts/reproduce-rps/models.ts';
import { quadratics } from '../../scripts/reproduce-rps/quadratics.ts';
import { filled } from '../../scripts/reproduce-rps/section.ts';

test('MGDA ends inferior from most starts of the chain, block by block from none', (t) => {
  const box = { from: -1, to: 2, starts: 40 };
  const { inferior } = chainEnds(oneBlock(chain), box);
  t.true(inferior >= 20 && inferior <= 36, `${inferior} of 40`);
  t.is(chainEnds(refinedGroups(chain.masks), box).inferior, 0);
});

test('steps by block from where MGDA ended let no objective rise', (t) => {
  const problem = quadratics({ objectives: 20, variables: 100, density: 0.1 }, 1);
  const start = new Float64Array(100).fill(0.5);
  const blocks = refinedGroups(problem.masks);
  const whole = descend(problem, start, { rate: 0.01, steps: 300, blocks: oneBlock(problem) });
  const refined = descend(problem, whole, { rate: 0.01, steps: 5, blocks });
  const before = valuesAt(problem, whole);
  const falls = valuesAt(problem, refined).map((value, i) => before[i]! - value);
  t.true(falls.every((fall) => fall > -1e-9));
  t.true(falls.filter((fall) => fall > 1e-6).length >= 5);
});

test('the chain of models is a chain, and its gradients are those of its values', (t) => {
  const problem = chainOfModels(drawHouses());
  t.deepEqual(refinedGroups(problem.masks), [
    [0, 1],
    [2, 3, 4],
    [5, 6, 7],
  ]);
  const at = Float64Array.from({ length: 8 }, (_, j) => (j - 3) / 4);
  for (let i = 0; i < problem.objectives; i++) {
    const gradient = problem.gradient(i, at);
    gradient.forEach((slope, j) => {
      const nudged = (by: number) =>
        problem.value(
          i,
          at.map((value, k) => (k === j ? value + by : value)),
        );
      t.true(Math.abs((nudged(1e-4) - nudged(-1e-4)) / 2e-4 - slope) < 1e-6);
    });
  }
});

test('dense objectives leave one block, sparse ones many', (t) => {
  t.is(Math.round(meanBlocks(0.1, 'shares', 5)), 1);
  t.true(meanBlocks(0.015, 'shares', 5) > 90);
});

test('two dense buckets stall where the whole moves', (t) => {
  const residuals = residualsAt(dense, new Float64Array(2), [[0], [1]]);
  t.deepEqual(residuals, { residualBucket: 0, residualGlobal: 2, stalledByPartition: true });
  t.regex(counterExampleSection().svg, /^<svg [\s\S]*<\/svg>\n$/);
});

test('the page has a place for every value, and a value for every place', (t) => {
  const section = { name: 'chain', svg: '', values: { rows: '| 1 |' } };
  t.is(filled('a {{chain.rows}} b', [section]), 'a | 1 | b');
  t.throws(() => filled('', [section]), { message: /leaves out chain.rows/ });
  t.throws(() => filled('{{chain.what}}', [section]), { message: /asks for chain.what/ });
  t.notRegex(readFileSync(new URL('../../docs/rps.md', import.meta.url), 'utf8'), /\{\{/);
});
