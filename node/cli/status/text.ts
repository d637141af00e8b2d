/** The status of runs as lines for people. Pure. */
import { alignColumns, formatSeconds } from '../output/index.ts';
import type { Unanswered } from './find.ts';
import type { NodeRow, RunStatus } from './merge.ts';

/** `now` tells since when a node is gone, on this machine's clock. */
export function statusLines(
  { runs, unanswered }: { runs: readonly RunStatus[]; unanswered: readonly Unanswered[] },
  now: Date,
): string[] {
  const lines = runs.flatMap((run, i) => [...(i === 0 ? [] : ['']), ...runLines(run, now)]);
  const rows = unanswered.map(({ name, why }) => [name, `no answer: ${why}`]);
  return [...lines, ...alignColumns(rows)];
}

function runLines(run: RunStatus, now: Date): string[] {
  const { runId, step, steps, nodes, recovery } = run;
  const head = `run ${runId.slice(0, 8)}…: step ${step} of ${steps}, ${countText(nodes)}`;
  const rows = nodes.map((node) => rowCells(node, now));
  const table = alignColumns([['node', 'step', 'holds', 'owns', 'state'], ...rows]);
  const nothing = nodes.some(({ state }) => state === 'waiting') ? [] : ['recovering: nothing'];
  const recovering = recovery.map((line) => `recovering: ${line}`);
  return [head, ...table, ...(recovery.length === 0 ? nothing : recovering)];
}

function countText(nodes: readonly NodeRow[]): string {
  const count = (...states: NodeRow['state'][]) =>
    nodes.filter(({ state }) => states.includes(state)).length;
  const here = count('here', 'waiting');
  const parts = [`${here} node${here === 1 ? '' : 's'} here`];
  if (count('gone') > 0) parts.push(`${count('gone')} gone`);
  if (count('expected') > 0) parts.push(`${count('expected')} expected`);
  return parts.join(', ');
}

function rowCells({ name, step, holds, due, owns, ...node }: NodeRow, now: Date): string[] {
  const number = (value: number | null) => (value === null ? '–' : String(value));
  const whole = due === null || due === holds ? number(holds) : `${holds} of ${due}`;
  return [name, number(step), whole, number(owns), stateText(node, now)];
}

function stateText(node: Pick<NodeRow, 'state' | 'text' | 'silentMs'>, now: Date): string {
  const { state, text, silentMs } = node;
  if (state !== 'gone' || silentMs === null) return text;
  const since = new Date(now.getTime() - silentMs);
  const clock = [since.getHours(), since.getMinutes(), since.getSeconds()];
  const time = clock.map((value) => String(value).padStart(2, '0')).join(':');
  return `gone since ${time} (${formatSeconds(silentMs / 1000)}): ${text}`;
}
