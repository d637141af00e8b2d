/** `isogloss verify RUN`: computes steps of a run again and compares. */
import { basename, dirname } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { EngineName } from '../../compute/index.ts';
import type { CommandAction } from '../context.ts';
import { STATE_FOLDER } from '../places.ts';
import {
  type ComparedStep,
  type Difference,
  type Verified,
  type VerifyOptions,
  verifyRun,
} from '../verify/index.ts';
import { engineOption, parseCount } from './flags.ts';

export interface VerifyCommandOptions extends VerifyOptions {
  readonly json: boolean;
}

interface Flags {
  readonly steps?: Pick<VerifyOptions, 'from' | 'to'>;
  readonly engine?: EngineName;
  readonly json?: boolean;
}

/** Enough digits for people. */
const SHOWN_DIGITS = 16;

/** `act` runs it. */
export function verifyCommand(act: (options: VerifyCommandOptions) => Promise<void>): Command {
  return new Command('verify')
    .description('compute steps of a run again, in one process, and compare their roots')
    .argument('<run>', "run's folder")
    .option(
      '--steps <a..b>',
      'these steps, counted from 1 (default: all that are recorded)',
      parseRange,
    )
    .addOption(engineOption())
    .option('--json', 'write JSON lines to standard output')
    .action(async (run: string, { steps, engine, json }: Flags) => {
      const { from, to } = steps ?? { from: 1, to: undefined };
      await act({ run, from, to, engine, json: json ?? false });
    });
}

/** `3..7`, `3..` (to the last), or `3` alone. */
function parseRange(text: string): Pick<VerifyOptions, 'from' | 'to'> {
  const [first, last, ...more] = text.split('..');
  if (first === undefined || first === '' || more.length > 0) {
    throw new InvalidArgumentError('Expected A..B, such as 3..7, 3.. or 3.');
  }
  const from = parseCount(first);
  if (last === '') return { from, to: undefined };
  const to = last === undefined ? from : parseCount(last);
  if (to < from) throw new InvalidArgumentError(`Expected A..B with A at most B.`);
  return { from, to };
}

/** Exits with 1 if anything differs from what is recorded, is damaged, or nothing is recorded. */
export const runVerify: CommandAction<VerifyCommandOptions> = async (options, { terminal }) => {
  const { json } = options;
  const tell = (value: object, lines: readonly string[]) => {
    if (json) terminal.data(JSON.stringify(value));
    else for (const line of lines) terminal.data(line);
  };
  const verified = await verifyRun(options, {
    note: (text) => terminal.line(text),
    begun({ runId, numericsClass, start, from, to }) {
      const origin = start === 0 ? 'the base' : `checkpoint-${start}`;
      terminal.line(`run ${runId}, ${numericsClass}: steps ${from}..${to} from ${origin}`);
    },
    compared: (step) => tell({ type: 'step', ...step }, stepLines(step)),
  });
  tell({ type: 'verify', ...verified }, [summary(verified), ...remedy(verified)]);
  return verified.ok ? 0 : 1;
};

function stepLines({ step, root, verdict, agreeing, ...wrong }: ComparedStep): string[] {
  const line = (word: string, text: string) =>
    [`step ${step}`, word, root.slice(0, SHOWN_DIGITS), text].join('  ').trimEnd();
  if (verdict === 'unrecorded') return [line('not recorded', '')];
  if (verdict === 'ok') return [line('ok', agreeing.join(', '))];
  return [
    ...wrong.differences.map((one) => line('differs', differenceText(one))),
    ...wrong.damaged.map(({ place, problem }) => line('damaged', `${place}: ${problem}`)),
  ];
}

function differenceText({ place, root, bucket, part }: Difference): string {
  const told = `${place} has ${root.slice(0, SHOWN_DIGITS)}`;
  return bucket === null ? told : `${told}, first in bucket ${bucket} (${part})`;
}

/** How a run goes on whose steps are wrong. */
function remedy({ firstDiffering, lastRight }: Verified): string[] {
  if (firstDiffering === null) return [];
  const [first, ...more] = lastRight;
  if (first === undefined) return ['no checkpoint before it is right: the run is to begin anew'];
  const isPart = basename(dirname(dirname(first))) === STATE_FOLDER;
  if (more.length === 0 && !isPart) {
    return [`${first} is right: --resume ${first} goes on from there`];
  }
  const are = more.length === 0 ? 'is' : 'are';
  const all =
    'every node goes on with --resume and its own checkpoint of that step, or none is right';
  return [`${lastRight.join(', ')} ${are} right: ${all}`];
}

function summary(verified: Verified): string {
  const { ok, steps, differing, damaged, unrecorded, firstDiffering, sameParameters } = verified;
  const again = `${steps} ${steps === 1 ? 'step' : 'steps'} computed again`;
  const bare = unrecorded === 0 ? '' : `, ${unrecorded} not recorded`;
  const wrong = [
    differing > 0 ? `${differing} of ${steps} steps differ, first step ${firstDiffering}` : '',
    damaged > 0 ? `${damaged} ${damaged === 1 ? 'checkpoint is' : 'checkpoints are'} damaged` : '',
    sameParameters === false ? 'the parameters are not those of report.json' : '',
  ].filter((text) => text !== '');
  if (wrong.length > 0) return `${again}: ${wrong.join('; ')}${bare}`;
  if (!ok) return `${again}, and nothing to compare with: no root of them is recorded`;
  const result = sameParameters === true ? ', and the parameters of report.json' : '';
  const roots = unrecorded === steps ? 'no root is recorded' : 'the same roots';
  return `${again}: ${roots}${result}${unrecorded === steps ? '' : bare}`;
}
