/**
 * Whole runs against each other, in turn: mgda against the mean, four nodes against the oracle; and
 * what four nodes send against the bound of a sharded run.
 */
import { availableParallelism } from 'node:os';
import { openRunCompute, oracleRunOf } from '../../node/cli/job/index.ts';
import { runOracle } from '../../sim/index.ts';
import { median, openExample, sum, type TimedRun, timeLocal } from './example.ts';

const NODES = 4;
const STEPS = 12;
const ROUNDS = 3;
const BYTES_PER_VALUE = 4;
/** The bounds are those of a run that keeps each bucket's state once. */
const ONCE = 'network.redundancy=1';
const MEAN = ['aggregator.name=mean', 'aggregator.normalize=none'];

export interface RunBench {
  /** Median step time with mgda over that with the mean. */
  readonly mgdaOverMean: number;
  /** Tokens per second of four nodes over the oracle's with as many threads as cores. */
  readonly nodesOverOracle: number;
  /** Bytes that a node sends in a step, mean over nodes, over (q + 1)·P·(N − 1)/N values. */
  readonly wireOverBound: number;
  readonly figures: Readonly<Record<string, string>>;
}

export async function benchRuns(given: readonly string[]): Promise<RunBench> {
  const sets = [ONCE, ...given];
  const mgda: TimedRun[] = [];
  const mean: TimedRun[] = [];
  const oracle: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    mgda.push(await timeLocal(sets, { nodes: NODES, steps: STEPS }));
    mean.push(await timeLocal([...sets, ...MEAN], { nodes: NODES, steps: STEPS }));
    oracle.push(await timeOracle(sets));
  }
  const mgdaMs = median(mgda.flatMap(({ stepMs }) => stepMs));
  const meanMs = median(mean.flatMap(({ stepMs }) => stepMs));
  const rates = mgda.map(({ tokens, stepMs }) => (1000 * sum(tokens)) / sum(stepMs));
  const { layout, corpora } = await openExample(sets);
  const q = Math.ceil(corpora.length / NODES);
  const bound = ((q + 1) * layout.totalLength * (NODES - 1) * BYTES_PER_VALUE) / NODES;
  const sent = sum(mgda.map(({ sentBytes }) => sentBytes)) / (ROUNDS * STEPS * NODES);
  return {
    mgdaOverMean: mgdaMs / meanMs,
    nodesOverOracle: median(rates) / median(oracle),
    wireOverBound: sent / bound,
    figures: {
      'step with mgda': `${mgdaMs.toFixed(0)} ms`,
      'step with mean': `${meanMs.toFixed(0)} ms`,
      'four nodes': `${median(rates).toFixed(0)} tokens/s`,
      oracle: `${median(oracle).toFixed(0)} tokens/s`,
      'sent by a node in a step': `${(sent / 1e6).toFixed(2)} MB of ${(bound / 1e6).toFixed(2)} MB`,
    },
  };
}

/** Tokens per second of the oracle over a few steps. */
async function timeOracle(sets: readonly string[]): Promise<number> {
  const job = await openExample([...sets, `steps=${STEPS}`]);
  const compute = await openRunCompute(job, 'onnx', availableParallelism());
  try {
    const run = oracleRunOf(job, compute);
    let startedMs = 0;
    let tokens = 0;
    // The first step warms the engine up, as it does in the other runs.
    await runOracle({
      ...run,
      gradient: async (parameters, step, language, unit) => {
        if (step === 1 && startedMs === 0) startedMs = performance.now();
        const result = await run.gradient(parameters, step, language, unit);
        if (step > 0) tokens += result.tokens;
        return result;
      },
    });
    return (1000 * tokens) / (performance.now() - startedMs);
  } finally {
    await compute.close();
  }
}
