/** Time from a Gram matrix to weights, ours beside the libraries', on the same matrices. */
import { median } from '../bench/example.ts';
import { cpuMilliseconds } from './cpu-time.ts';
import { correlated } from './matrices.ts';
import { type Method, ourWeights } from './methods.ts';
import type { Library, Reference } from './reference.ts';

/** Of a measurement of ours: at least this long, in batches that a clock can resolve. */
const LEAST_MS = 60;
const BATCH_MS = 0.5;

export interface SolveTime {
  readonly method: string;
  readonly m: number;
  readonly library: Library;
  readonly oursMicroseconds: number;
  readonly theirsMicroseconds: number;
  /** Theirs over ours. */
  readonly faster: number;
  readonly goal: number;
}

/** Yields a line after the other, as they are measured. What a library can't do is left out. */
export async function* solveTimes(
  reference: Reference,
  methods: readonly Method[],
  sizes: readonly number[],
  matrices: number,
): AsyncGenerator<SolveTime> {
  for (const method of methods) {
    for (const m of sizes) {
      if (method.name === 'krum' && m < 4) continue;
      const grams = Array.from({ length: matrices }, (_, seed) => correlated(m, seed).gram);
      for (const library of method.libraries) {
        const theirs: number[] = [];
        const ours: number[] = [];
        for (const gram of grams) {
          ours.push(ourMicroseconds(method, gram));
          const answer = await reference.time(library, method.name, gram);
          if (!('error' in answer)) theirs.push(answer.microseconds);
        }
        if (theirs.length === 0) continue;
        const [oursMicroseconds, theirsMicroseconds] = [median(ours), median(theirs)];
        const faster = theirsMicroseconds / oursMicroseconds;
        const { name, goal } = method;
        yield { method: name, m, library, oursMicroseconds, theirsMicroseconds, faster, goal };
      }
    }
  }
}

/** Median over batches. */
export function ourMicroseconds(method: Method, gram: Float64Array): number {
  const call = () => ourWeights(method, gram);
  for (let warm = 0; warm < 50; warm++) call();
  const single = timed(call, 20);
  const batch = Math.max(1, Math.ceil(BATCH_MS / single));
  const times: number[] = [];
  const beganMs = cpuMilliseconds();
  while (times.length < 5 || cpuMilliseconds() - beganMs < LEAST_MS) times.push(timed(call, batch));
  return 1000 * median(times);
}

/** Milliseconds a call. */
function timed(call: () => void, times: number): number {
  const startedMs = cpuMilliseconds();
  for (let i = 0; i < times; i++) call();
  return (cpuMilliseconds() - startedMs) / times;
}
