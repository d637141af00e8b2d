/** What this node's memory does to a run. */
import { IsoglossError } from '../../protocol/errors.ts';

/**
 * A value in this node's memory is no longer what it was when it was checked. Check the machine's
 * memory, and start the node again with --resume.
 */
export class MemoryFaultError extends IsoglossError {
  override readonly name = 'MemoryFaultError';

  constructor(what: string) {
    super(`${what} in this node's memory is no longer what it was; check this machine's memory`);
  }
}
