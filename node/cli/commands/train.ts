/** `isogloss train`: what many would type first. It says what to type instead. */
import { Command } from 'commander';
import { UsageError } from '../errors.ts';

export function trainCommand(): Command {
  return new Command('train')
    .argument('[anything...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(() => {
      throw new UsageError(
        'there is no train. On this machine alone: isogloss local my.yaml. ' +
          'On each of several machines: isogloss node my.yaml.',
      );
    });
}
