/** All commands together: their flags, their help, and what the process exits with. */
import { Command, CommanderError } from 'commander';
import { runChaos } from './chaos/index.ts';
import { chaosCommand } from './commands/chaos.ts';
import { doctorCommand, runDoctor } from './commands/doctor.ts';
import { evalCommand, runEval } from './commands/eval.ts';
import { exportCommand, runExport } from './commands/export.ts';
import { inspectCommand, runInspect } from './commands/inspect.ts';
import { leaveCommand, runLeave } from './commands/leave.ts';
import { localCommand } from './commands/local.ts';
import { nodeCommand } from './commands/node.ts';
import { simCommand } from './commands/sim.ts';
import { runStatus, statusCommand } from './commands/status.ts';
import { trainCommand } from './commands/train.ts';
import { runVerify, verifyCommand } from './commands/verify.ts';
import type { CommandAction, CommandContext } from './context.ts';
import { UsageError } from './errors.ts';
import { explainFailure } from './failure.ts';
import { runLocal } from './local/index.ts';
import { runSim } from './sim/index.ts';
import { runNode } from './single/index.ts';
import { versionText } from './version.ts';

/**
 * Runs the command that `args` names. Never throws: failures are printed, and give the exit code.
 */
export async function runProgram(
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  let exitCode = 0;
  const finish = (code: number) => {
    exitCode = code;
  };
  try {
    await program(context, finish).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = explainFailure(asUsage(error));
    context.terminal.keepBlock();
    for (const line of failure.lines) context.terminal.line(line);
    return failure.exitCode;
  }
}

function program(context: CommandContext, finish: (exitCode: number) => void): Command {
  const { terminal } = context;
  /** What a command's file calls when its flags are parsed. */
  const acting =
    <Options>(action: CommandAction<Options>) =>
    async (options: Options) =>
      finish(await action(options, context));
  const top = new Command('isogloss')
    .description('Fine-tunes one multilingual language model on many machines.')
    .version(versionText(), '-V, --version', 'print the version, its commit and its protocol')
    .helpCommand(false)
    .addCommand(chaosCommand(acting(runChaos)))
    .addCommand(doctorCommand(acting(runDoctor)))
    .addCommand(evalCommand(acting(runEval)))
    .addCommand(exportCommand(acting(runExport)))
    .addCommand(inspectCommand(acting(runInspect)))
    .addCommand(leaveCommand(acting(runLeave)))
    .addCommand(localCommand(acting(runLocal)))
    .addCommand(nodeCommand(acting(runNode)))
    .addCommand(simCommand(acting(runSim)))
    .addCommand(statusCommand(acting(runStatus)))
    .addCommand(verifyCommand(acting(runVerify)))
    .addCommand(trainCommand(), { hidden: true });
  for (const command of [top, ...top.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => terminal.data(text.trimEnd()),
      writeErr: (text) => terminal.line(text.trimEnd()),
      // Said once, with the name of the error, by runProgram.
      outputError: () => {},
    });
  }
  return top;
}

/** Commander's complaint as ours; help that was shown in place of a command is a mistake too. */
function asUsage(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.code === 'commander.help') return new UsageError('name a command.');
  const text = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  return new UsageError(`${/[.?)]$/.test(text) ? text : `${text}.`} See isogloss --help.`);
}
