/**
 * Values: whatever has one name has one hash on every honest, unharmed node, across rewinds and
 * partitions; and every root at every step is the oracle's.
 */
import type { Effect, Event } from '../../node/actor/index.ts';
import { type ValueHashes, valueHash } from '../../protocol/hashes.ts';
import type { Process } from '../process/index.ts';
import type { CheckContext, Checker } from './types.ts';

export const oneHashPerName: Checker = (context) => {
  const hashes = new Map<string, string>();
  const note = (running: Process, name: string, hash: string, event: Event, bucket?: number) => {
    const known = hashes.get(name);
    if (known === hash) return;
    if (known === undefined) {
      hashes.set(name, hash);
      return;
    }
    const step = 'step' in event ? { step: event.step } : {};
    const at = { running, event, ...step, ...(bucket !== undefined && { bucket }) };
    context.report('one hash per name', `${name} is ${short(known)} and ${short(hash)}`, at);
  };
  return {
    handled(running, event) {
      if (context.hasHarm || running.node.isHarmed) return;
      const named = nameOf(event);
      if (named !== null) note(running, named.name, named.hash, event, named.bucket);
    },
  };
};

/** A key without what tells one making of a value from another. */
const plain = (key: string) => key.replace(/ (#|again ).*$/, '');

const short = (hash: string) => hash.slice(0, 8);

interface Named {
  readonly name: string;
  readonly hash: string;
  readonly bucket?: number;
}

/** The value that an event tells of, and its hash; numbers stand for themselves. */
function nameOf(event: Event): Named | null {
  switch (event.kind) {
    case 'slice': {
      const { step, language, unit, bucket, outcome, hash, tokens, lossSum } = event;
      const name = `slice ${step} ${language}.${unit} ${bucket}`;
      return { name, hash: `${hash ?? outcome} ${tokens} ${lossSum}`, bucket };
    }
    case 'added':
      return { name: plain(event.key), hash: event.hash ?? event.outcome, bucket: event.bucket };
    case 'gram':
      return {
        name: `gram ${event.step} ${event.bucket}`,
        hash: event.gram.join(),
        bucket: event.bucket,
      };
    case 'weighed': {
      const { step, group, weights, aggregator } = event;
      return { name: `weights ${step} ${group}`, hash: `${aggregator} ${weights.join()}` };
    }
    case 'directed': {
      const { step, bucket, hash, squaredNorm } = event;
      return { name: `direction ${step} ${bucket}`, hash: `${hash} ${squaredNorm}`, bucket };
    }
    case 'updated': {
      const { step, bucket, published, optimizer } = event;
      return { name: `value ${step + 1} ${bucket}`, hash: `${published} ${optimizer}`, bucket };
    }
    default:
      return null;
  }
}

export const bitsOfTheOracle: Checker = (context) => {
  const { roots } = context;
  return {
    handled(running, event, effects) {
      if (roots.length === 0 || context.hasHarm || running.node.isHarmed) return;
      for (const effect of effects) {
        if (effect.kind !== 'stepped' || effect.root === roots[effect.step]) continue;
        const { text, bucket } = divergence(context, running, effect);
        const where = { running, event, step: effect.step, ...(bucket !== null && { bucket }) };
        context.report('bits of the oracle', text, where);
      }
    },
  };
};

type Stepped = Extract<Effect, { kind: 'stepped' }>;

function divergence(context: CheckContext, running: Process, { step, root, values }: Stepped) {
  const own = `root(${step}) of ${running.node.name} is ${short(root)}`;
  const expected = context.roots[step];
  if (expected === undefined) {
    const last = context.roots.length - 1;
    return { text: `${own}, and the oracle's last step is ${last}`, bucket: null };
  }
  const bucket = firstDivergent(values, context.values[step] ?? []);
  const where =
    bucket === null ? 'no bucket differs' : `bucket ${bucket} is the first that differs`;
  return { text: `${own}, the oracle's is ${short(expected)}; ${where}`, bucket };
}

/** The first bucket of which two lists of values have other hashes; null where there is none. */
function firstDivergent(values: readonly ValueHashes[], expected: readonly ValueHashes[]) {
  const bucket = expected.findIndex((hashes, b) => {
    const own = values[b];
    return own === undefined || valueHash(own) !== valueHash(hashes);
  });
  return bucket < 0 ? null : bucket;
}
