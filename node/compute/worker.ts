/** Entry of the compute thread: carries requests out one after another on a core of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { defined } from '../../protocol/assert.ts';
import { freeMemory } from '../../protocol/memory.ts';
import { giveWay } from '../threads/index.ts';
import { type Core, openCore } from './core.ts';
import { EngineUnavailableError } from './errors.ts';
import { ownBuffer, type Reply, type Request } from './messages.ts';
import type { ComputeOptions } from './types.ts';

giveWay();
const port = defined(parentPort, 'the port to the thread that started this one');

function reply(message: Reply, ...transfer: ArrayBuffer[]): void {
  port.postMessage(message, transfer);
}

function replyArray(id: number, values: Float32Array): void {
  const answer = ownBuffer(values);
  reply({ type: 'answer', id, answer }, answer.buffer);
}

async function carryOut(core: Core, request: Request): Promise<void> {
  switch (request.type) {
    case 'buckets':
      core.setBuckets(request.buckets);
      for (const { values } of request.buckets) freeMemory(values);
      return;
    case 'gradient': {
      const { id, unit } = request;
      const answer = await core.gradient(unit, (slice) => {
        if (slice.outcome === 'absent') return reply({ type: 'slice', id, slice });
        const values = ownBuffer(slice.values);
        reply({ type: 'slice', id, slice: { ...slice, values } }, values.buffer);
      });
      return reply({ type: 'answer', id, answer });
    }
    case 'score':
      return replyArray(request.id, await core.score(request.unit));
    case 'logits':
      return replyArray(request.id, await core.logits(request.unit));
    case 'canary':
      return reply({ type: 'answer', id: request.id, answer: await core.canary() });
    case 'close':
      await core.release();
      port.close();
  }
}

function failure(id: number | undefined, thrown: unknown): Reply {
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  return id === undefined ? { type: 'crash', cause } : { type: 'failure', id, cause };
}

async function serve(): Promise<void> {
  const core = await openCore(workerData as ComputeOptions);
  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: Request) => {
    last = last
      .then(() => carryOut(core, request))
      .catch((thrown) => reply(failure('id' in request ? request.id : undefined, thrown)));
  });
  reply({ type: 'ready', facts: core.facts });
}

serve().catch((thrown) => {
  if (thrown instanceof EngineUnavailableError) {
    const { engine, reason } = thrown;
    reply({ type: 'unavailable', engine, reason });
  } else {
    reply(failure(undefined, thrown));
  }
});
