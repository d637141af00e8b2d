/** The libraries that we are measured against, in a Python process that answers questions. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensurePythonEnvironment } from '../python-env.ts';

export type Library = 'torchjd' | 'libmtl';

/** What a library said: what was asked for, or how it failed. */
export type Answer<T> = T | { readonly error: string };

export interface Reference {
  weights(
    library: Library,
    method: string,
    gram: Float64Array,
  ): Promise<Answer<{ weights: number[] }>>;
  /** Of TorchJD's UPGrad: the projections that it adds up, a list of m weights for each row. */
  projections(gram: Float64Array): Promise<Answer<{ projections: number[][] }>>;
  /** Median time of a call, compiled and warm. */
  time(
    library: Library,
    method: string,
    gram: Float64Array,
  ): Promise<Answer<{ microseconds: number }>>;
  /** Of m random f32 rows, as PyTorch makes it in f32, or after converting them to float64. */
  timeGram(
    m: number,
    n: number,
    accumulate: 'float32' | 'float64',
  ): Promise<Answer<{ microseconds: number }>>;
  close(): void;
}

export async function openReference(): Promise<Reference> {
  const python = await ensurePythonEnvironment();
  const script = join(import.meta.dirname, '..', 'python', 'resolve_reference.py');
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async <T>(request: object): Promise<T> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('the Python process ended; what it said is above');
    return JSON.parse(value) as T; // our own script, one answer a request
  };
  const question = (kind: string, library: Library, method: string, gram: Float64Array) => {
    return { kind, library, method, gram: Array.from(gram) };
  };
  return {
    weights: (library, method, gram) => ask(question('weights', library, method, gram)),
    projections: (gram) => ask(question('projections', 'torchjd', 'upgrad', gram)),
    time: (library, method, gram) => ask(question('time', library, method, gram)),
    timeGram: (m, n, accumulate) => ask({ kind: 'timeGram', m, n, accumulate }),
    close: () => child.stdin.end(),
  };
}
