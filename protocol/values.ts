/**
 * Names of the values of a run. Whatever a node computes, keeps, sends or wants has one of these
 * names, and a name means the same bits on every node of the run.
 */

/**
 * - `slice`: gradient of one unit on one bucket, its codec applied.
 * - `sum`: sum of a language's slices under a place of its tree; the top's by its tokens is `row`.
 * - `gram`: inner products of a bucket's rows. `weights`, `state`: of a resolution group.
 * - `norm`: a bucket's part of the squared global norm.
 * - `value`: a bucket's published parameters, master copy and optimizer state.
 * - `params`: the published parameters of all buckets. `root`: the hash that chains all values.
 */
export type ValueName =
  | { kind: 'slice'; step: number; language: number; unit: number; bucket: number }
  | { kind: 'sum'; step: number; language: number; level: number; index: number; bucket: number }
  | { kind: 'row'; step: number; language: number; bucket: number }
  | { kind: 'gram'; step: number; bucket: number }
  | { kind: 'weights'; step: number; group: number }
  | { kind: 'state'; step: number; group: number }
  | { kind: 'norm'; step: number; bucket: number }
  | { kind: 'direction'; step: number; bucket: number }
  | { kind: 'value'; step: number; bucket: number }
  | { kind: 'params'; step: number }
  | { kind: 'root'; step: number };

/** A name as one string, for maps and logs. */
export type ValueKey = string;

export function keyOf(name: ValueName): ValueKey {
  switch (name.kind) {
    case 'slice':
      return `slice ${name.step} ${name.language}.${name.unit} ${name.bucket}`;
    case 'sum':
      return `sum ${name.step} ${name.language}.${name.level}:${name.index} ${name.bucket}`;
    case 'row':
      return `row ${name.step} ${name.language} ${name.bucket}`;
    case 'weights':
    case 'state':
      return `${name.kind} ${name.step} ${name.group}`;
    case 'params':
    case 'root':
      return `${name.kind} ${name.step}`;
    default:
      return `${name.kind} ${name.step} ${name.bucket}`;
  }
}

/** What a slice, sum or row is: numbers, or one of the two values that stand for none. */
export type Outcome = 'tensor' | 'absent' | 'nonFinite';
