/**
 * How long the event loop of a node is ever held up while it trains: two nodes of the example over
 * libp2p, both in this process, with Gram matrices and optimizer in their threads as always.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type MemberHost, openRunCompute, runMember } from '../../node/cli/job/index.ts';
import { openExample } from './example.ts';

const STEPS = 12;
const NANOSECONDS_PER_MS = 1e6;
const LISTEN = '/ip4/127.0.0.1/tcp/0';

export interface LagBench {
  readonly p99Ms: number;
  readonly figures: Readonly<Record<string, string>>;
}

export async function benchLag(sets: readonly string[]): Promise<LagBench> {
  const job = await openExample([...sets, `steps=${STEPS}`]);
  const folder = await mkdtemp(join(tmpdir(), 'isogloss-bench-'));
  const computes = [await openRunCompute(job, 'onnx', 1), await openRunCompute(job, 'onnx', 1)];
  // A resolution below the bound, or waiting for the timer would count.
  const lag = monitorEventLoopDelay({ resolution: 1 });
  const addresses = Promise.withResolvers<readonly string[]>();
  const nodes = computes.map(async (compute, index) => {
    const host: MemberHost = {
      listening: (facts) => addresses.resolve(facts.addresses),
      started: () => {},
      // From the second step on: the first one warms up.
      stepped: ({ step }) => (step === 1 ? lag.enable() : undefined),
      checkpointed: () => {},
      note: () => {},
    };
    const member = {
      ...{ job, compute, name: `node-${index}`, folder: join(folder, String(index)) },
      ...{ listen: [LISTEN], peers: index === 0 ? [] : await addresses.promise, nodes: 2 },
      ...{ networkKey: undefined, allow: undefined, checkpoint: undefined },
    };
    await runMember(member, host, new AbortController().signal);
    lag.disable();
  });
  try {
    await Promise.all(nodes);
  } finally {
    for (const compute of computes) await compute.close();
    await rm(folder, { recursive: true, force: true });
  }
  const ms = (nanoseconds: number) => nanoseconds / NANOSECONDS_PER_MS;
  const p99Ms = ms(lag.percentile(99));
  return {
    p99Ms,
    figures: {
      'event loop, median': `${ms(lag.percentile(50)).toFixed(1)} ms`,
      'event loop, p99': `${p99Ms.toFixed(1)} ms`,
      'event loop, worst': `${ms(lag.max).toFixed(1)} ms`,
    },
  };
}
