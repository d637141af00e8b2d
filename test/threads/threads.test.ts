/** A thread that gives way: its own priority is lower, and nobody else's. */
import { once } from 'node:events';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { threadId } from '../../node/threads/index.ts';

const FACE = new URL('../../node/threads/index.ts', import.meta.url);

test('a thread gives way alone', async (t) => {
  const before = getPriority(threadId() ?? 0);
  const code = `
    const { parentPort } = require('node:worker_threads');
    const { getPriority } = require('node:os');
    import(${JSON.stringify(FACE.href)}).then(({ giveWay, threadId }) => {
      giveWay();
      parentPort.postMessage(getPriority(threadId() ?? 0));
    });`;
  const worker = new Worker(code, { eval: true });
  const [after] = await once(worker, 'message');
  await worker.terminate();
  t.is(after, process.platform === 'linux' ? Math.min(19, before + 5) : before);
  t.is(getPriority(threadId() ?? 0), before);
});
