/** What can be wrong with files on disk: a safetensors file, or a name that is already taken. */
import { IsoglossError } from '../../protocol/errors.ts';

/** A safetensors file, or an index of several, that is not what it claims to be. */
export class SafetensorsError extends IsoglossError {
  override readonly name = 'SafetensorsError';
  override readonly exitCode = 2;
  readonly path: string;
  /** The tensor at fault; undefined where the file as a whole is. */
  readonly tensor: string | undefined;

  constructor(path: string, tensor: string | undefined, problem: string, options?: ErrorOptions) {
    super(`${path}: ${tensor === undefined ? '' : `tensor ${tensor}: `}${problem}`, options);
    this.path = path;
    this.tensor = tensor;
  }
}

/** Something of this name exists already, and writing over it was not asked for. */
export class TargetExistsError extends IsoglossError {
  override readonly name = 'TargetExistsError';
  readonly path: string;

  constructor(path: string, options?: ErrorOptions) {
    super(`${path}: exists already. Name another folder, or move this one away.`, options);
    this.path = path;
  }
}
