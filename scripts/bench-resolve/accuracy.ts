/** How well problems are solved, ours beside TorchJD's, on the same matrices. */
import { minNorm } from '../../node/resolve/index.ts';
import { median } from '../bench/example.ts';
import { correlated, type Matrix, nastyMatrices } from './matrices.ts';
import { innerProducts, ROUNDING, sizeOf, squareOf } from './measures.ts';
import { type Method, ourWeights } from './methods.ts';
import type { Reference } from './reference.ts';

export interface Accuracy {
  readonly method: string;
  readonly matrices: string;
  readonly errorIs: string;
  readonly count: number;
  readonly ours: Summary;
  readonly theirs: Summary;
}

export interface Summary {
  readonly median: number;
  readonly worst: number;
  /** Answers that harm a language, of a method that promises not to. */
  readonly harming: number;
  /** No answer: an exception, no end, or numbers that are not finite. */
  readonly failed: number;
}

export async function* accuracies(
  reference: Reference,
  methods: readonly Method[],
  sizes: readonly number[],
  perSize: number,
): AsyncGenerator<Accuracy> {
  const seeds = Array.from({ length: perSize }, (_, seed) => seed);
  const sets = [
    ...sizes.map((m) => ({
      label: `correlated, m = ${m}`,
      matrices: seeds.map((seed) => correlated(m, seed)),
    })),
    { label: 'nasty', matrices: nastyMatrices() },
  ];
  for (const method of methods) {
    for (const { label, matrices } of sets) {
      yield* await compare(reference, method, label, matrices);
    }
  }
}

/** A line for everything that is measured about a method. */
async function compare(
  reference: Reference,
  method: Method,
  label: string,
  matrices: readonly Matrix[],
): Promise<Accuracy[]> {
  const names = Object.keys(method.errors);
  if (names.length === 0) return [];
  const fit = matrices.filter((matrix) => isFit(method, matrix));
  const ours: Judged[] = [];
  const theirs: Judged[] = [];
  for (const { gram } of fit) {
    ours.push(judge(method, gram, ourWeights(method, gram), method.projections?.ours(gram)));
    theirs.push(await judgeTheirs(reference, method, gram));
  }
  return names.map((errorIs) => ({
    method: method.name,
    matrices: label,
    errorIs,
    count: fit.length,
    ours: summary(ours, errorIs),
    theirs: summary(theirs, errorIs),
  }));
}

/** Where rows are stationary some methods have no answer to be judged. */
function isFit({ needsDescent }: Method, { gram, m }: Matrix): boolean {
  if (!needsDescent) return true;
  return isMovable(gram, m);
}

/** Whether some direction descends for all. */
export function isMovable(gram: Float64Array, m: number): boolean {
  const { weights } = minNorm(gram, m);
  return squareOf(gram, weights) > ROUNDING * sizeOf(gram, weights);
}

interface Judged {
  /** By what is measured; none where there is no answer. */
  readonly errors: Readonly<Record<string, number>>;
  readonly harms: boolean;
}

/** The answer that is none. */
const FAILED: Judged = { errors: {}, harms: false };

async function judgeTheirs(
  reference: Reference,
  method: Method,
  gram: Float64Array,
): Promise<Judged> {
  const answer = await reference.weights('torchjd', method.name, gram);
  if ('error' in answer) return FAILED;
  const of = await method.projections?.theirs(reference, gram);
  if (of !== undefined && 'error' in of) return FAILED;
  return judge(method, gram, answer.weights, of?.projections);
}

function judge(
  method: Method,
  gram: Float64Array,
  weights: ArrayLike<number>,
  projections: readonly ArrayLike<number>[] = [],
): Judged {
  if (!Array.from(weights).every(Number.isFinite)) return FAILED;
  const measured = Object.entries(method.errors).map(([name, measure]) => {
    return [name, measure(gram, weights, projections)];
  });
  return {
    errors: Object.fromEntries(measured),
    harms: method.harmless === true && harms(gram, weights),
  };
}

/** Whether some ⟨gᵢ, d⟩ is below 0 by more than rounding. */
export function harms(gram: Float64Array, weights: ArrayLike<number>): boolean {
  const m = weights.length;
  const size = Math.sqrt(sizeOf(gram, weights));
  return innerProducts(gram, weights).some(
    (inner, i) => inner < -1e-12 * Math.sqrt(gram[i * m + i]!) * size,
  );
}

function summary(judged: readonly Judged[], name: string): Summary {
  const errors = judged.map(({ errors }) => errors[name]).filter((error) => error !== undefined);
  return {
    median: errors.length === 0 ? Number.NaN : median(errors),
    worst: errors.length === 0 ? Number.NaN : Math.max(...errors),
    harming: judged.filter((each) => each.harms).length,
    failed: judged.length - errors.length,
  };
}
