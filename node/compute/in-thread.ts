/**
 * Compute in the caller's own thread, which it blocks: for tests and for single-purpose scripts.
 */
import { AssertionError } from '../../protocol/assert.ts';
import { ComputeClosedError, EngineError } from './errors.ts';
import type { Compute, ComputeOptions } from './types.ts';
import { assertBuckets } from './unit.ts';

export async function openInThread(options: ComputeOptions): Promise<Compute> {
  const { openCore } = await import('./core.ts');
  const core = await openCore(options);
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  const inTurn = <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
    const turn = last.then(async () => {
      if (closed) throw new ComputeClosedError(what);
      try {
        return await work();
      } catch (cause) {
        throw cause instanceof AssertionError ? cause : new EngineError(core.facts.engine, cause);
      }
    });
    last = turn.catch(() => {});
    return turn;
  };
  return {
    ...core.facts,
    setBuckets(buckets) {
      assertBuckets(buckets, options.layout);
      inTurn('setBuckets', async () => core.setBuckets(buckets));
    },
    gradient: (unit, onSlice) => inTurn('gradient', () => core.gradient(unit, onSlice)),
    score: (unit) => inTurn('score', () => core.score(unit)),
    logits: (unit) => inTurn('logits', () => core.logits(unit)),
    canary: () => inTurn('canary', () => core.canary()),
    async close() {
      closed = true;
      await last;
      await core.release();
    },
  };
}
