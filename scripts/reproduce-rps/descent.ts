/** Descent by MGDA with one direction a block: all variables in one block is MGDA as published. */
import { type GroupGram, type Residuals, residualsOf, resolve } from '../../node/resolve/index.ts';

/** Objectives of a few variables, each of which may depend on some of them only. */
export interface Problem {
  readonly objectives: number;
  /** By variable, then objective: 1 where it depends on it. */
  readonly masks: readonly Uint8Array[];
  value(objective: number, theta: Float64Array): number;
  /** Derivatives by all variables; 0 for those that it does not depend on. */
  gradient(objective: number, theta: Float64Array): Float64Array;
}

/** Variables whose direction is resolved together. */
export type Blocks = readonly (readonly number[])[];

export const oneBlock = ({ masks }: Problem): Blocks => [masks.map((_, variable) => variable)];

export interface Descent {
  readonly blocks: Blocks;
  readonly rate: number;
  readonly steps: number;
  /** Called with each point, the first and the last included. */
  readonly visit?: (theta: Float64Array, step: number) => void;
}

/** ‖d‖² below which a step moves nothing that is shown. */
const STILL = 1e-20;

/** The end of θ ← θ − rate·d. */
export function descend(problem: Problem, start: Float64Array, descent: Descent): Float64Array {
  const { blocks, rate, steps, visit } = descent;
  const theta = start.slice();
  visit?.(theta, 0);
  for (let step = 1; step <= steps; step++) {
    const direction = directionAt(problem, theta, blocks);
    if (direction.reduce((sum, d) => sum + d * d, 0) <= STILL) break;
    for (let j = 0; j < theta.length; j++) theta[j]! -= rate * direction[j]!;
    visit?.(theta, step);
  }
  return theta;
}

function directionAt(problem: Problem, theta: Float64Array, blocks: Blocks): Float64Array {
  const direction = new Float64Array(theta.length);
  const rows = gradientsAt(problem, theta);
  for (const block of blocks) {
    const { gram, mask } = gramOf(problem, rows, block);
    const { weights } = resolve(gram, { aggregator: 'mgda', normalize: 'none', mask });
    for (const j of block) {
      for (let i = 0; i < rows.length; i++) direction[j]! += weights[i]! * rows[i]![j]!;
    }
  }
  return direction;
}

/** How far a point is from stationarity, block by block and as a whole. */
export function residualsAt(problem: Problem, theta: Float64Array, blocks: Blocks): Residuals {
  const rows = gradientsAt(problem, theta);
  return residualsOf(blocks.map((block) => gramOf(problem, rows, block)));
}

function gradientsAt(problem: Problem, theta: Float64Array): Float64Array[] {
  return Array.from({ length: problem.objectives }, (_, i) => problem.gradient(i, theta));
}

/** An objective is absent from a block of which it depends on nothing. */
function gramOf(
  { objectives: m, masks }: Problem,
  rows: readonly Float64Array[],
  block: readonly number[],
): GroupGram {
  const gram = new Float64Array(m * m);
  for (let a = 0; a < m; a++) {
    for (let b = 0; b < m; b++) {
      for (const j of block) gram[a * m + b]! += rows[a]![j]! * rows[b]![j]!;
    }
  }
  const mask = Uint8Array.from({ length: m }, (_, i) =>
    block.some((j) => masks[j]![i] === 1) ? 1 : 0,
  );
  return { gram, mask };
}

/** Values of all objectives. */
export function valuesAt(problem: Problem, theta: Float64Array): number[] {
  return Array.from({ length: problem.objectives }, (_, i) => problem.value(i, theta));
}
