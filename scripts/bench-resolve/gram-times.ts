/** Gram matrices of long f32 rows, products added in float64: our kernels beside PyTorch. */
import { freemem } from 'node:os';
import { kernelNamed } from '../../node/resolve/kernel/index.ts';
import { createStream } from '../../protocol/random.ts';
import { median } from '../bench/example.ts';
import { cpuMilliseconds } from './cpu-time.ts';
import type { Reference } from './reference.ts';

const ROUNDS = 5;
/** From so many elements on a call takes seconds and varies little. */
const MANY_ELEMENTS = 2 ** 26;
const ROUNDS_OF_MANY = 3;
/** Repeats a round: about as much work whatever the length. */
const ELEMENTS_PER_ROUND = 2 ** 25;
/** Rows of f32 here and there, and there in float64 too. */
const BYTES_PER_ELEMENT = 4 + 4 + 8;

export interface GramTime {
  readonly m: number;
  readonly n: number;
  readonly microseconds: Readonly<Record<string, number>>;
  /** PyTorch's float64 Gram, conversion included, over ours. */
  readonly faster: number;
}

export interface GramShape {
  readonly m: number;
  readonly n: number;
}

/** Those for which there is memory, as they are measured; `say` is told what is being done. */
export async function* gramTimes(
  reference: Reference,
  shapes: readonly GramShape[],
  say: (progress: string) => void,
): AsyncGenerator<GramTime> {
  for (const { m, n } of shapes) {
    if (m * n * BYTES_PER_ELEMENT > freemem()) {
      say(`${m} x ${n}: left out, it takes ${gibibytes(m * n * BYTES_PER_ELEMENT)}`);
      continue;
    }
    const rounds = m * n < MANY_ELEMENTS ? ROUNDS : ROUNDS_OF_MANY;
    const rows = drawRows(m, n);
    const times: Record<string, number[]> = {};
    const note = (name: string, microseconds: number) => {
      times[name] = [...(times[name] ?? []), microseconds];
    };
    for (let round = 0; round < rounds; round++) {
      say(`${m} x ${n}: round ${round + 1} of ${rounds}`);
      for (const name of ['relaxed', 'simd', 'plain'] as const) {
        const kernel = kernelNamed(name);
        if (kernel === undefined) continue;
        note(
          name,
          ourMicroseconds(() => kernel.addProducts(new Float64Array(m * m), rows, 0, n), m * n),
        );
      }
      for (const accumulate of ['float32', 'float64'] as const) {
        const answer = await reference.timeGram(m, n, accumulate);
        if ('error' in answer) throw new Error(answer.error);
        note(`PyTorch ${accumulate}`, answer.microseconds);
      }
    }
    const microseconds = Object.fromEntries(
      Object.entries(times).map(([name, each]) => [name, median(each)]),
    );
    const ours = microseconds['relaxed'] ?? microseconds['simd'] ?? microseconds['plain']!;
    yield { m, n, microseconds, faster: microseconds['PyTorch float64']! / ours };
  }
}

const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

function drawRows(m: number, n: number): Float32Array[] {
  const random = createStream('gram-times', m, n);
  const row = Float32Array.from({ length: n }, () => random.nextFloat() - 0.5);
  // Drawing takes longer than measuring: the others are turned copies.
  return Array.from({ length: m }, (_, i) => {
    const turned = new Float32Array(n);
    turned.set(row.subarray(i));
    turned.set(row.subarray(0, i), n - i);
    return turned;
  });
}

function ourMicroseconds(call: () => void, elements: number): number {
  call();
  const repeats = Math.max(3, Math.round(ELEMENTS_PER_ROUND / elements));
  const times = Array.from({ length: repeats }, () => {
    const startedMs = cpuMilliseconds();
    call();
    return cpuMilliseconds() - startedMs;
  });
  return 1000 * median(times);
}
