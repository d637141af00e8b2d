/**
 * A node as a process of its own, started by the launcher and heeding nobody else: it ends when the
 * run does, when it is told to, or when the launcher is gone.
 */
import { assert } from '../../../protocol/assert.ts';
import { paramsHashOf } from '../../model/index.ts';
import { openCheckpoint } from '../../store/index.ts';
import { countBuffersAsHeap } from '../../threads/index.ts';
import { loadConfig } from '../config/index.ts';
import { explainFailure } from '../failure.ts';
import { baselineOf, openJob, openRunCompute, runMember } from '../job/index.ts';
import type { ChildTask, FromChild, ToChild } from './messages.ts';

/** Port 0: a free one. */
const LISTEN = '/ip4/127.0.0.1/tcp/0';

countBuffersAsHeap();

// A terminal's Ctrl-C reaches every process in it; the launcher decides what it means.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => process.exit(1));

const stop = new AbortController();
/** Whether this node sends what it logs of each step. */
let logs = false;
let givePeers: (addresses: readonly string[]) => void = () => {};
const peers = new Promise<readonly string[]>((resolve) => {
  givePeers = resolve;
});

process.on('message', (message: ToChild) => {
  switch (message.kind) {
    case 'task':
      logs = message.task.logs;
      void live(message.task);
      return;
    case 'log':
      logs = true;
      return;
    case 'peers':
      givePeers(message.addresses);
      return;
    case 'stop':
      stop.abort();
  }
});

async function live(task: ChildTask): Promise<void> {
  try {
    await run(task);
  } catch (error) {
    const { lines, exitCode } = explainFailure(error);
    await say({ kind: 'failed', lines, exitCode });
  }
  process.exit(0);
}

async function run(task: ChildTask): Promise<void> {
  const { configPath, overrides, name, nodes, folder, checkpointPath: from } = task;
  const configured = await openJob(await loadConfig(configPath, overrides), { name });
  const job = task.baseline ? baselineOf(configured) : configured;
  const compute = await openRunCompute(job, task.engine, task.threads);
  const { step, root, stopped, parameters, share } = await runMember(
    {
      job,
      compute,
      name,
      nodes,
      folder,
      listen: [LISTEN],
      peers: await peers,
      networkKey: undefined,
      allow: undefined,
      checkpoints: from === null ? [] : [await openCheckpoint(from)],
    },
    {
      listening: (facts) => void say({ kind: 'listening', facts }),
      started: (_, share) => void say({ kind: 'started', share }),
      stepped: (logged, share) => {
        const { step, root, resolutions } = logged;
        const told = logs ? { step, root, resolutions } : null;
        void say({ kind: 'stepped', step, root, logged: told, share });
      },
      checkpointed: (step, path, buckets) =>
        void say({ kind: 'checkpointed', step, path, buckets }),
      note: (text, waitedMs) => void say({ kind: 'note', text, waitedMs: waitedMs ?? null }),
    },
    stop.signal,
  );
  await compute.close();
  const paramsHash = paramsHashOf(parameters);
  await say({ kind: 'finished', step, root, stopped, paramsHash, share });
}

/** Resolves when the launcher has it, or is gone. */
function say(message: FromChild): Promise<void> {
  assert(process.send !== undefined, 'this process is started by isogloss local');
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}
