/** What can be wrong with a model folder: what its config asks for, or what its files hold. */
import { IsoglossError } from '../../protocol/errors.ts';

/** A config that asks for what the decoder does not do, or no model folder at all. */
export class ModelConfigError extends IsoglossError {
  override readonly name = 'ModelConfigError';
  override readonly exitCode = 2;
  readonly path: string;
  /** The key of config.json at fault, or undefined. */
  readonly key: string | undefined;

  constructor(path: string, key: string | undefined, problem: string, options?: ErrorOptions) {
    super(`${path}: ${key === undefined ? '' : `${key} `}${problem}`, options);
    this.path = path;
    this.key = key;
  }
}

/** What a ModelFileError knows besides its message. */
export interface ModelFileFault extends ErrorOptions {
  readonly tensor?: string;
  readonly expectedShape?: readonly number[];
  readonly actualShape?: readonly number[];
}

/** A file that does not hold what the config promises: tensors, or the tokenizer. */
export class ModelFileError extends IsoglossError {
  override readonly name = 'ModelFileError';
  override readonly exitCode = 2;
  readonly path: string;
  readonly tensor: string | undefined;
  readonly expectedShape: readonly number[] | undefined;
  readonly actualShape: readonly number[] | undefined;

  constructor(path: string, problem: string, fault: ModelFileFault = {}) {
    const tensor = fault.tensor === undefined ? '' : `tensor ${fault.tensor}: `;
    super(`${path}: ${tensor}${problem}`, fault);
    this.path = path;
    this.tensor = fault.tensor;
    this.expectedShape = fault.expectedShape;
    this.actualShape = fault.actualShape;
  }
}
