/** What a schema objects to, in words; configs and calls have more of it in their own tests. */
import test from 'ava';
import { z } from 'zod';
import { problemOf } from '../../node/schema/index.ts';

const method = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('mean') }),
  z.strictObject({ name: z.literal('cagrad'), c: z.number().default(0.5) }),
]);
const named = z.preprocess(
  (value) => (typeof value === 'string' ? { name: value } : value),
  method,
);
const schema = z.strictObject({ of: named, every: z.number().int().default(4) });

const said = (value: unknown, keysAtTop?: readonly string[]) =>
  problemOf(schema.safeParse(value).error!.issues, value, schema, keysAtTop);

test('a value is told with its path, what was expected, and what is near', (t) => {
  t.deepEqual(said({ of: { name: 'cagard' } }), {
    of: 'value',
    path: ['of', 'name'],
    text: 'of.name is "cagard", expected mean or cagrad. Did you mean "cagrad"?',
  });
  t.is(said({ of: 'mean', every: 'x' }).text, 'every is "x", expected a number.');
});

test('a map that is written short is told as it is written', (t) => {
  t.deepEqual(said({ of: 'cagard' }), {
    of: 'value',
    path: ['of'],
    text: 'of is "cagard", expected mean or cagrad. Did you mean "cagrad"?',
  });
});

test('a key is told where it is, or where it is missing', (t) => {
  t.deepEqual(said({ of: 'mean', evry: 2 }), {
    of: 'key',
    path: ['evry'],
    text: 'unknown key "evry". Did you mean "every"?',
  });
  t.is(said({ of: 'mean', colour: 2 }).text, 'unknown key "colour". Known: of, every.');
  t.is(said({ of: 'mean', colour: 2 }, ['every']).text, 'unknown key "colour". Known: every.');
  t.is(
    said({ of: { name: 'mean', c: 1 } }).text,
    'key "c" is unused in of, which is "mean". Remove it.',
  );
  t.deepEqual(said({}), { of: 'key', path: [], text: 'key "of" is missing. Add it.' });
});

test('of alternatives nothing is told but of the one that was chosen', (t) => {
  const told = (value: unknown) => {
    const either = z.discriminatedUnion('name', [
      z.strictObject({ name: z.literal('rows'), unit: z.enum(['none']).default('none') }),
      z.strictObject({ name: z.literal('gram'), unit: z.enum(['none', 'l2']), cap: z.number() }),
    ]);
    return problemOf(either.safeParse(value).error!.issues, value, either).text;
  };
  t.is(told({ name: 'rows', unit: 'l2' }), 'unit is "l2", expected none.');
  t.is(told({ name: 'rows', flor: 1 }), 'unknown key "flor". Known: name, unit.');
  t.is(told({ name: 'rows', caps: 1 }), 'unknown key "caps". Known: name, unit.');
  t.is(told({ name: 'gram', unit: 'l2', caps: 1 }), 'unknown key "caps". Did you mean "cap"?');
});
