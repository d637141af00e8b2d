/** What can be wrong with how a config resolves conflicts, by the exact message. */
import test from 'ava';
import { aggregators } from '../../node/resolve/index.ts';
import { complaint, GOOD } from './complaint.ts';

/** All that a run takes: neither modo nor sdmgrad, which need what it has not. */
const inRuns = aggregators.filter(({ name }) => !['modo', 'sdmgrad'].includes(name));

/** What others can wrap: all that stand on their own in a run. */
const wrappable = inRuns
  .filter(({ fromRows }) => fromRows === undefined)
  .map(({ name }) => name)
  .filter((name) => !['cr-mogm', 'psmgd'].includes(name));

const cases: readonly (readonly [title: string, from: string, to: string, message: string])[] = [
  [
    'an aggregator that needs what a run has not',
    'steps: 10',
    'steps: 10\naggregator: {name: modo}',
    'ConfigValueError my.yaml:3:20: aggregator.name is "modo", which a run can\'t have: it needs ' +
      'the inner products of two batches, and an owner has one sum of a language. ' +
      'Use mgda or cagrad.',
  ],
  [
    'an option of the method that another wraps',
    'steps: 10',
    'steps: 10\naggregator: {name: psmgd, of: {name: cagrad, d: 0.4}}',
    'ConfigKeyError my.yaml:3:46: unknown key "d" in aggregator.of. Known: c, rescale, name.',
  ],
  [
    'a misspelt method that another wraps',
    'steps: 10',
    'steps: 10\naggregator: {name: cr-mogm, of: cagard}',
    'ConfigValueError my.yaml:3:33: aggregator.of is "cagard", expected ' +
      `${wrappable.join(' or ')}. Did you mean "cagrad"?`,
  ],
  [
    'the same with options',
    'steps: 10',
    'steps: 10\naggregator: {name: psmgd, of: {name: cagard, c: 0.4}}',
    'ConfigValueError my.yaml:3:38: aggregator.of.name is "cagard", expected ' +
      `${wrappable.join(' or ')}. Did you mean "cagrad"?`,
  ],
  [
    'a misspelt aggregator',
    'steps: 10',
    'steps: 10\naggregator: {name: mgad}',
    'ConfigValueError my.yaml:3:20: aggregator.name is "mgad", expected ' +
      `${inRuns.map(({ name }) => name).join(' or ')}. Did you mean "mgda"?`,
  ],
  [
    'a misspelt aggregator that a run has not',
    'steps: 10',
    'steps: 10\naggregator: {name: sdmgrda}',
    'ConfigValueError my.yaml:3:20: aggregator.name is "sdmgrda", expected ' +
      `${inRuns.map(({ name }) => name).join(' or ')}.`,
  ],
  [
    'an option that only a method has that a run has not',
    'steps: 10',
    'steps: 10\naggregator: {name: mgda, gamma: 2}',
    'ConfigKeyError my.yaml:3:26: unknown key "gamma" in aggregator. Known: name, normalize.',
  ],
  [
    'an aggregator that needs what a run has not, misspelt options and all',
    'steps: 10',
    'steps: 10\naggregator: {name: sdmgrad, lamda: 0.1}',
    'ConfigValueError my.yaml:3:20: aggregator.name is "sdmgrad", which a run can\'t have: it ' +
      'needs the inner products of two batches, and an owner has one sum of a language. ' +
      'Use mgda or cagrad.',
  ],
  [
    'an option of another aggregator',
    'steps: 10',
    'steps: 10\naggregator: {name: mgda, nSelected: 2}',
    'ConfigKeyError my.yaml:3:26: key "nSelected" is unused in aggregator, which is "mgda". ' +
      'Remove it.',
  ],
  [
    'a preference of another number of languages than are trained on',
    'steps: 10',
    'steps: 10\naggregator: {name: upgrad, preference: [2, 1]}',
    'ConfigValueError my.yaml:3:40: aggregator.preference has 2 numbers for 1 languages: ' +
      'swh_Latn. Correct it.',
  ],
  [
    'a preference for a language that is not trained on',
    'steps: 10',
    'steps: 10\naggregator: {name: upgrad, preference: {zul_Latn: 2}}',
    'ConfigValueError my.yaml:3:40: aggregator.preference names "zul_Latn", which is no language ' +
      'trained on: swh_Latn. Correct it.',
  ],
  [
    'a preference that nobody has any of',
    'steps: 10',
    'steps: 10\naggregator: {name: upgrad, preference: {swh_Latn: 0}}',
    'ConfigValueError my.yaml:3:40: aggregator.preference is 0 for all languages, expected more ' +
      'for one at least. Correct it.',
  ],
  [
    'a preference that is no share of anything',
    'steps: 10',
    'steps: 10\naggregator: {name: upgrad, preference: [1e40]}',
    'ConfigValueError my.yaml:3:40: aggregator.preference of swh_Latn is 1e+40, expected 0, or ' +
      '1e-30 to 1e+30. Correct it.',
  ],
  [
    'the normalization of a method that has none',
    'steps: 10',
    'steps: 10\naggregator: {name: graddrop, normalize: l2}',
    'ConfigValueError my.yaml:3:41: aggregator.normalize is "l2", expected none.',
  ],
  [
    'a preference below 0',
    'steps: 10',
    'steps: 10\naggregator: {name: upgrad, preference: [-1]}',
    'ConfigValueError my.yaml:3:41: aggregator.preference[0] is -1, expected at least 0.',
  ],
  [
    'a preference for a method that has no use for it',
    'steps: 10',
    'steps: 10\naggregator: {name: mgda, preference: [1]}',
    'ConfigKeyError my.yaml:3:26: key "preference" is unused in aggregator, which is "mgda". ' +
      'Remove it.',
  ],
  [
    'a preference for a wrapped method that has no use for it',
    'steps: 10',
    'steps: 10\naggregator: {name: psmgd, of: pcgrad, preference: [1]}',
    'ConfigValueError my.yaml:3:51: aggregator.of is "pcgrad", which takes no preference. ' +
      'Remove it.',
  ],
  [
    'fewer languages than the method is defined for',
    'steps: 10',
    'steps: 10\naggregator: {name: krum}',
    'ConfigValueError my.yaml:3:1: aggregator: krum with nByzantine 1, nSelected 1 needs 4 ' +
      'languages to train on, and 1 is seen. Change its options, or take another.',
  ],
  [
    'a policy that there is not',
    'steps: 10',
    'steps: 10\nwhenStalled: merged',
    'ConfigValueError my.yaml:3:14: whenStalled is "merged", expected report or merge or global. ' +
      'Did you mean "merge"?',
  ],
  [
    'a policy for stalled steps where groups change nothing',
    'steps: 10',
    'steps: 10\naggregator: {name: graddrop}\nwhenStalled: global',
    'ConfigValueError my.yaml:4:14: whenStalled is "global", and groups change nothing for ' +
      'graddrop. Remove it.',
  ],
];

for (const [title, from, to, message] of cases) {
  test(title, async (t) => {
    t.true(GOOD.includes(from));
    t.is(await complaint(t, GOOD.replace(from, to)), message);
  });
}
