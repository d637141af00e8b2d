/**
 * What a zod schema objects to, told as a person would: with the path, the value, what was expected
 * and what was probably meant. For configs and for calls alike.
 *
 * ```ts
 * import { z } from 'zod';
 * import { problemOf } from './node/schema/index.ts';
 *
 * const schema = z.strictObject({ name: z.enum(['mean', 'cagrad']) });
 * const value = { name: 'cagard' };
 * const { error } = schema.safeParse(value);
 * problemOf(error!.issues, value, schema).text;
 * // name is "cagard", expected mean or cagrad. Did you mean "cagrad"?
 * ```
 */
export { didYouMean } from './known.ts';
export { problemOf, type SchemaProblem } from './problem.ts';
export { isMap, isSeq, type KeyPath, shownPath, shownValue, valueAt } from './values.ts';
