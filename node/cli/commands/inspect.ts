/** `isogloss inspect PATH`: what a run's folder, a checkpoint or a model folder holds. */
import { Command } from 'commander';
import type { CommandAction } from '../context.ts';
import { PathError } from '../errors.ts';
import { explainFailure } from '../failure.ts';
import { bucketLines, type Inspection, inspect, inspectionLines } from '../inspect/index.ts';

export interface InspectOptions {
  readonly path: string;
  /** Show every bucket. */
  readonly buckets: boolean;
  readonly json: boolean;
}

interface Flags {
  readonly buckets?: boolean;
  readonly json?: boolean;
}

/** `act` runs it. */
export function inspectCommand(act: (options: InspectOptions) => Promise<void>): Command {
  return new Command('inspect')
    .description('say what a folder holds, and hold it to its hashes')
    .argument('<path>', "model folder, checkpoint or run's folder")
    .option('--buckets', 'a row for every bucket')
    .option('--json', 'write one JSON object to standard output')
    .action(async (path: string, { buckets, json }: Flags) => {
      await act({ path, buckets: buckets ?? false, json: json ?? false });
    });
}

/** Exits with 1 if a part of a run's folder is not what it should be; each is named. */
export const runInspect: CommandAction<InspectOptions> = async (options, { terminal }) => {
  const { path, buckets, json } = options;
  const { inspection, problems } = await inspect(path);
  const rows = bucketsOf(inspection);
  if (buckets && rows === undefined) {
    throw new PathError(path, 'has no checkpoint, so no buckets. Leave out --buckets.');
  }
  if (json) {
    const told = problems.map(({ name, message }) => ({ name, message }));
    const keep = buckets ? undefined : withoutBuckets;
    terminal.data(JSON.stringify({ ...inspection, problems: told }, keep));
  } else {
    for (const line of inspectionLines(inspection)) terminal.data(line);
    if (buckets) for (const line of ['', ...bucketLines(rows!)]) terminal.data(line);
  }
  for (const problem of problems) {
    for (const line of explainFailure(problem).lines) terminal.line(line);
  }
  return problems.length === 0 ? 0 : 1;
};

/** Of the checkpoint itself, or of a run's newest one; a model has none. */
function bucketsOf(inspection: Inspection) {
  if (inspection.kind === 'checkpoint') return inspection.buckets;
  if (inspection.kind === 'model') return undefined;
  return (inspection.checkpoints.at(-1) ?? inspection.parts.at(-1))?.buckets;
}

const withoutBuckets = (key: string, value: unknown) => (key === 'buckets' ? undefined : value);
