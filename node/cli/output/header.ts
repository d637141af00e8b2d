/** What stands above the progress: which run this is, what it reads, and who takes part. */
import { formatDataReport } from '../../data/index.ts';
import { formatMethod, shortHash, wrapAll } from './format.ts';
import type { RunStarted } from './types.ts';

/** More names than these would fill the screen. */
const NAMES_MAX = 12;

/** The lines of the header; the baseline repeats neither data nor nodes. */
export function headerLines(run: RunStarted, columns: number): string[] {
  if (run.part === 'baseline') {
    const { aggregator, runId } = run;
    return [`plain ${aggregator.name}, for comparison · run ${shortHash(runId)}`];
  }
  const threads = `${run.threadsPerNode} thread${run.threadsPerNode === 1 ? '' : 's'} a node`;
  const why = run.engineReason.replace(`${run.engine}: `, '');
  const resumed = run.firstStep === 0 ? [] : [`goes on after step ${run.firstStep}`];
  return [
    ...wrapAll(
      '',
      [
        `isogloss ${run.version}`,
        `run ${shortHash(run.runId)}`,
        `engine ${run.engine}, ${threads} (${why})`,
        ...resumed,
      ],
      columns,
    ),
    ...formatDataReport(run.data).map((line, i) => `${(i === 0 ? 'data' : '').padEnd(7)}${line}`),
    ...wrapAll('method ', methodSegments(run), columns),
    ...wrapAll('nodes  ', nodesSegments(run), columns),
  ];
}

function methodSegments({
  aggregator,
  groups,
  codec,
  parameters,
  buckets,
  steps,
  seed,
}: RunStarted) {
  const { name, normalize, options, module } = aggregator;
  const rows = normalize === 'none' ? '' : ` on ${normalize} rows`;
  return [
    `${formatMethod({ name, ...options })}${rows}, ${groups}`,
    ...(module === undefined ? [] : [`from ${module}`]),
    `${parameters} parameters in ${buckets} buckets, ${codec}`,
    `${steps} steps, seed ${seed}`,
  ];
}

function nodesSegments({ nodes }: RunStarted): string[] {
  const names = nodes.slice(0, NAMES_MAX).map(({ name, pid }) => {
    return pid === undefined ? name : `${name} (${pid})`;
  });
  const more = nodes.length > NAMES_MAX ? [`and ${nodes.length - NAMES_MAX} more`] : [];
  return [`${nodes.length} healthy`, ...names, ...more];
}
