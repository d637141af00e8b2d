/**
 * How long the event loop of a node is ever held up while it trains: one node of the example in
 * this process, with Gram matrices and optimizer in their thread as always, and another one in a
 * process of its own, over libp2p.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { type MemberHost, openRunCompute, runMember } from '../../node/cli/job/index.ts';
import { median, openExample } from './example.ts';

const ROUNDS = 3;
const STEPS = 12;
const NANOSECONDS_PER_MS = 1e6;
const LISTEN = '/ip4/127.0.0.1/tcp/0';

type Lag = ReturnType<typeof monitorEventLoopDelay>;

export interface LagBench {
  readonly p99Ms: number;
  readonly figures: Readonly<Record<string, string>>;
}

/** Medians over the rounds, of which each is a run. */
export async function benchLag(sets: readonly string[]): Promise<LagBench> {
  const rounds: Lag[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await lagOfRun(sets));
  const ms = (of: (lag: Lag) => number) => median(rounds.map(of)) / NANOSECONDS_PER_MS;
  const p99Ms = ms((lag) => lag.percentile(99));
  return {
    p99Ms,
    figures: {
      'event loop, median': `${ms((lag) => lag.percentile(50)).toFixed(1)} ms`,
      'event loop, p99': `${p99Ms.toFixed(1)} ms`,
      'event loop, worst': `${ms((lag) => lag.max).toFixed(1)} ms`,
    },
  };
}

async function lagOfRun(sets: readonly string[]): Promise<Lag> {
  // A resolution below the bound, or waiting for the timer would count.
  const lag = monitorEventLoopDelay({ resolution: 1 });
  let other: ChildProcess | undefined;
  await runNode(sets, [], {
    listening: ({ addresses }) => {
      other = fork(fileURLToPath(import.meta.url), [addresses[0]!, ...sets]);
    },
    // From the second step on: the first one warms up.
    stepped: ({ step }) => (step === 1 ? lag.enable() : undefined),
  });
  lag.disable();
  if (other !== undefined && other.exitCode === null) await once(other, 'exit');
  return lag;
}

/** One of the two nodes, from its start to the end of the run. */
async function runNode(
  sets: readonly string[],
  peers: readonly string[],
  { listening, stepped }: Pick<MemberHost, 'listening' | 'stepped'>,
): Promise<void> {
  const job = await openExample([...sets, `steps=${STEPS}`]);
  const folder = await mkdtemp(join(tmpdir(), 'isogloss-bench-'));
  const compute = await openRunCompute(job, 'onnx', 1);
  const member = {
    ...{ job, compute, folder, peers, name: `node-${peers.length}`, listen: [LISTEN], nodes: 2 },
    ...{ networkKey: undefined, allow: undefined, checkpoints: [] },
  };
  const host = { listening, stepped, started() {}, checkpointed() {}, note() {} };
  try {
    await runMember(member, host, new AbortController().signal);
  } finally {
    await compute.close();
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [address, ...sets] = process.argv.slice(2);
  if (address === undefined) throw new Error('expected the address of the node to dial');
  await runNode(sets, [address], { listening() {}, stepped() {} });
}
