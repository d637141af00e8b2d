/** `isogloss leave RUN`: takes one node out of a run that the others go on with. */
import { Command } from 'commander';
import type { CommandAction } from '../context.ts';
import { PathError, UsageError } from '../errors.ts';
import { askRun, cameToEnd, type FoundNode, findNodes, leaveRun } from '../status/index.ts';

export interface LeaveOptions {
  /** A run's folder. */
  readonly run: string;
  /** Which of the nodes there; left out: the only one. */
  readonly node: string | undefined;
  readonly json: boolean;
}

type Flags = Partial<Pick<LeaveOptions, 'node' | 'json'>>;

/** `act` runs it. */
export function leaveCommand(act: (options: LeaveOptions) => Promise<void>): Command {
  return new Command('leave')
    .description('take the node on this machine out of its run; the others go on')
    .argument('<run>', "run's folder, as given to --out")
    .option('--node <name>', 'which node, where several keep their state in the folder')
    .option('--json', 'write one JSON object to standard output')
    .action(async (run: string, { node, json }: Flags) => {
      await act({ run, node, json: json ?? false });
    });
}

const SILENT = 'it does not answer any more.';
const RUN_ENDED = 'the run came to its end.';
const ENDED =
  'it was stopped or killed, or the run came to its end. What it said last tells which.';

/** Ends when the node has; exits with 1 where it stays, or may have ended without handing over. */
export const runLeave: CommandAction<LeaveOptions> = async (options, { terminal }) => {
  const { run, json } = options;
  const found = await findNodes(run);
  if (found.length === 0) throw await nobodyAt(run);
  const { socket, name, status } = choose(options, found);
  let buckets = 0;
  let why: string | null = null;
  const leaving = await leaveRun(socket, (answer) => {
    buckets = answer.buckets;
    why = answer.stays;
    const what = `${buckets} ${buckets === 1 ? 'bucket' : 'buckets'}`;
    if (why === null) terminal.line(`${name} hands over ${what}, and ends when others have them`);
  });
  const isHere = leaving === 'stays' || leaving === 'silent';
  // Of a run that is over nothing was left to hand over.
  const isOver = !isHere && (await cameToEnd(run, status));
  if (isOver) why = RUN_ENDED;
  else if (leaving === 'ended') why = ENDED;
  else if (leaving === 'silent') why = SILENT;
  const left = leaving === 'left' && !isOver;
  if (json) terminal.data(JSON.stringify({ type: 'leave', name, buckets, left, why }));
  else if (left) terminal.data(`${name} has left; the others go on`);
  if (left) return 0;
  terminal.line(`${name} ${isHere ? 'stays' : 'has ended'}: ${why}`);
  return isOver ? 0 : 1;
};

/** Why no node of a run can be asked. */
async function nobodyAt(run: string): Promise<PathError> {
  const { unanswered } = await askRun(run);
  const [one] = unanswered;
  if (one !== undefined)
    return new PathError(run, `${one.name} can't be asked to leave: ${one.why}.`);
  return new PathError(run, 'no node of it answers on this machine. Name the folder of its --out.');
}

function choose({ run, node }: LeaveOptions, found: readonly FoundNode[]): FoundNode {
  const names = found.map(({ name }) => name).join(', ');
  const chosen = found.filter(({ name }) => node === undefined || name === node);
  if (chosen.length === 1) return chosen[0]!;
  if (node !== undefined) throw new UsageError(`no node ${node} answers; there is ${names}.`);
  throw new UsageError(`${run} has several nodes: name one with --node, of ${names}.`);
}
