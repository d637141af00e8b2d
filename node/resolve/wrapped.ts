/** What methods that wrap another have in common: how it is named, and called. */
import { z } from 'zod';
import { assert } from '../../protocol/assert.ts';
import { catalogue } from './catalogue.ts';
import type { Aggregator, Weighed, WeighInput } from './types.ts';

/** The wrapped method: its name, and its own options beside it. */
export interface Wrapped {
  readonly name: string;
  readonly [option: string]: unknown;
}

/** Those that can be wrapped: all that a run can have. */
const wrappable = catalogue.filter(({ notInRuns }) => notInRuns === undefined);

/** An object of name and options, or a name alone; mgda where left out. */
export function wrappedSchema(): z.ZodType<Wrapped> {
  const [first, ...rest] = wrappable.map(({ name, schema }) =>
    schema.extend({ name: z.literal(name) }),
  );
  const named = z.discriminatedUnion('name', [first!, ...rest]);
  const withName = (value: unknown) => (typeof value === 'string' ? { name: value } : value);
  const schema: unknown = z.preprocess(withName, named).prefault({ name: 'mgda' });
  return schema as z.ZodType<Wrapped>; // options are unknown here, where zod infers any
}

export function wrappedStateLength({ name, ...options }: Wrapped, m: number): number {
  return find(name).stateLength(m, options);
}

export function wrappedRowsMin({ name, ...options }: Wrapped): number {
  return find(name).rowsMin?.(options) ?? 1;
}

/** What the wrapped method says, given its own part of the state. */
export function weighWrapped({ name, ...options }: Wrapped, input: WeighInput): Weighed {
  return find(name).weigh(input, options);
}

function find(name: string): Aggregator {
  const found = wrappable.find((aggregator) => aggregator.name === name);
  assert(found !== undefined, `${name} can be wrapped`);
  return found;
}
