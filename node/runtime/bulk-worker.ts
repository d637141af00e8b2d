/** The thread that holds a node's numbers in bulk. One request after another, in order. */
import { parentPort, workerData } from 'node:worker_threads';
import { defined } from '../../protocol/assert.ts';
import { sliceKey } from '../actor/index.ts';
import { Bulk, OWN_MEMORY } from '../bulk/index.ts';
import { giveWay } from '../threads/index.ts';
import type { BulkReply, BulkRequest, BulkThreadOptions } from './bulk-messages.ts';
import { importAgain } from './import-aggregator.ts';
import { type Bag, Mailbag } from './mailbag.ts';

/** Replies that leave together: few enough that the main thread's event loop is not held up. */
const REPLIES_MAX = 32;

giveWay();
const { aggregatorModule, ...options } = workerData as BulkThreadOptions;
const port = defined(parentPort, 'the port of a worker thread');
const ownAggregators = aggregatorModule === undefined ? [] : [await importAgain(aggregatorModule)];
const ownModule = aggregatorModule && { ownModule: aggregatorModule.path };
const bulk = new Bulk({ ...options, ...ownModule, ownAggregators }, OWN_MEMORY);
const replies = new Mailbag<BulkReply>(port);

const reply = (message: BulkReply, transfer: ArrayBuffer[] = []) => replies.put(message, transfer);

function handle(request: BulkRequest): void {
  switch (request.kind) {
    case 'loadBase': {
      const values = options.layout.buckets.map(({ index, start, length }) =>
        bulk.loadBase(index, request.base.slice(start, start + length)),
      );
      reply({ kind: 'answer', id: request.id, answer: values });
      return;
    }
    case 'load': {
      const { id, step, bucket, arrays } = request;
      reply({ kind: 'answer', id, answer: bulk.load(step, bucket, arrays) });
      return;
    }
    case 'stored': {
      // Copied by the thread's own mail: the bulk goes on with its memory.
      const stored = request.buckets.map((bucket) => ({
        bucket,
        arrays: bulk.stored(request.step, bucket),
      }));
      reply({ kind: 'answer', id: request.id, answer: stored });
      return;
    }
    case 'encoded': {
      // Not slice(): of what msgpackr packs that is a view.
      const bytes = new Uint8Array(bulk.encoded(request.key));
      reply({ kind: 'answer', id: request.id, answer: bytes }, [bytes.buffer]);
      return;
    }
    case 'published': {
      const values = options.layout.buckets.map(({ index }) =>
        bulk.published(request.step, index).slice(),
      );
      reply(
        { kind: 'answer', id: request.id, answer: values },
        values.map(({ buffer }) => buffer),
      );
      return;
    }
    case 'slice': {
      const { slice, values } = request;
      const kept = values === null ? null : bulk.keepSlice(sliceKey(slice), values);
      reply({ kind: 'event', event: { ...slice, ...kept } });
      return;
    }
    case 'perform': {
      const event = bulk.perform(request.effect, request.payload);
      if (event !== null) reply({ kind: 'event', event });
    }
  }
}

port.on('message', (requests: Bag<BulkRequest>) => {
  for (const request of requests) {
    handle(request);
    if (replies.size >= REPLIES_MAX) replies.post();
  }
  replies.post();
});
