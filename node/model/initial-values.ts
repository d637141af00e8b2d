/**
 * Values for a model that nobody has trained yet. Made of + − × alone, so that they are the same
 * bits on every machine.
 */
import { type ParameterSpec, valueCount } from '../../protocol/buckets.ts';
import { createStream } from '../../protocol/random.ts';

/** As Transformers' initializer_range. */
const DEVIATION = 0.02;

/**
 * The sum of so many uniform numbers, less its mean 6, has variance 1 and is near enough to normal.
 */
const UNIFORMS = 12;

/**
 * All parameters in their order: vectors (the norms' weights) 1, matrices as if drawn from a normal
 * distribution of mean 0 and deviation `deviation`, each tensor from a random stream of its own.
 */
export function initialValues(
  parameters: readonly ParameterSpec[],
  seed: number,
  deviation: number = DEVIATION,
): Float32Array {
  const total = parameters.reduce((sum, { shape }) => sum + valueCount(shape), 0);
  const values = new Float32Array(total);
  let start = 0;
  for (const { name, shape } of parameters) {
    const part = values.subarray(start, start + valueCount(shape));
    if (shape.length === 1) part.fill(1);
    else fillNormal(part, deviation, seed, name);
    start += part.length;
  }
  return values;
}

function fillNormal(values: Float32Array, deviation: number, seed: number, name: string): void {
  const { nextFloat } = createStream('initial values', seed, name);
  for (let i = 0; i < values.length; i++) {
    let sum = -UNIFORMS / 2;
    for (let n = 0; n < UNIFORMS; n++) sum += nextFloat();
    values[i] = sum * deviation;
  }
}
