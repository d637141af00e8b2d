/** The simulator's aggregator that remembers every step, under the name that the tests give it. */
import type { Aggregator } from '../../node/resolve/index.ts';
import { rememberingAggregator } from '../../sim/models/remembering-aggregator.ts';

export const statefulAggregator: Aggregator = { ...rememberingAggregator, name: 'stateful' };
