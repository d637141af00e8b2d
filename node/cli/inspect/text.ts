/** An inspection as lines for people. Pure. */
import { basename } from 'node:path';
import { alignColumns, formatBytes, resultTable } from '../output/index.ts';
import type { CheckpointInspection } from './checkpoint.ts';
import type { FileSize, ModelInspection } from './model.ts';
import type { RunInspection } from './run.ts';

type Row = readonly [label: string, value: string];

/** More words on one thing than this are counted. */
const SHOWN_MAX = 12;

export function inspectionLines(
  inspection: ModelInspection | CheckpointInspection | RunInspection,
): string[] {
  switch (inspection.kind) {
    case 'model':
      return alignColumns([['model', inspection.path], ...modelRows(inspection)]);
    case 'checkpoint':
      return alignColumns(checkpointRows(inspection));
    default:
      return runLines(inspection);
  }
}

function modelRows({ config, paramsHash, files, ...model }: ModelInspection): Row[] {
  const { layers, hiddenSize, heads, keyValueHeads, vocabularySize, tieWordEmbeddings } = config;
  const shape = [
    `${layers} ${layers === 1 ? 'layer' : 'layers'}`,
    `width ${hiddenSize}`,
    `${heads} heads over ${keyValueHeads} for keys`,
    `vocabulary ${vocabularySize}`,
    `${tieWordEmbeddings ? 'tied' : 'untied'} embeddings`,
  ];
  return [
    ['params', paramsHash],
    ['parameters', sizeText(model)],
    ['decoder', shape.join(', ')],
    ['files', filesText(files)],
  ];
}

function checkpointRows(one: CheckpointInspection): Row[] {
  const { aggregator, optimizer, groups, languages, seed, steps, wire } = one.run;
  const what = one.node === null ? 'assembled' : `${one.node}'s part`;
  return [
    ['checkpoint', `${one.path}: step ${one.step} of ${steps}, ${what}`],
    ['run', one.runId],
    ['root', one.root],
    ...(one.paramsHash === null ? [] : [['params', one.paramsHash] as const]),
    ['numerics', one.numericsClass],
    ['aggregator', `${optionsText(aggregator)}; groups ${groupsText(groups)}`],
    ['optimizer', optionsText(optimizer)],
    ['languages', languages.map(({ id, unitsPerStep: n }) => `${id} × ${n}`).join(', ')],
    ['seed, codec', `${seed}, ${wire.codec}`],
    ['parameters', sizeText(one)],
    ['buckets', bucketsText(one)],
    ['files', filesText(one.files)],
    ['hashes', 'manifest, files and buckets match'],
  ];
}

/** The wrapped method's options stand in braces, preferences in brackets. */
const valueText = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.join(', ')}]`;
  return typeof value === 'object' && value !== null
    ? `{${optionsText({ ...value })}}`
    : String(value);
};

const groupsText = (groups: string | readonly unknown[]) =>
  typeof groups === 'string' ? groups : `in ${groups.length} lists`;

/** `mgda, normalize l2`. */
function optionsText({ name, ...options }: Readonly<Record<string, unknown>>): string {
  return [
    name,
    ...Object.entries(options).map(([key, value]) => `${key} ${valueText(value)}`),
  ].join(', ');
}

const heldText = ({ bucketsHeld, bucketsTotal }: CheckpointInspection) =>
  `${bucketsHeld} of ${bucketsTotal}`;

function bucketsText(one: CheckpointInspection): string {
  const byHolder = new Map<string, number>();
  for (const { holder } of one.buckets) byHolder.set(holder, (byHolder.get(holder) ?? 0) + 1);
  const holders = [...byHolder]
    .filter(([holder]) => holder !== '')
    .map(([holder, count]) => `${holder} ${count}`);
  const kept = holders.length > 0 ? `, written by ${shown(holders)}` : '';
  return `${heldText(one)} here${kept}`;
}

function runLines(run: RunInspection): string[] {
  const { path, report, model, checkpoints, parts, baseline, files } = run;
  const facts = report ?? checkpoints.at(-1) ?? parts.at(-1);
  const rows: Row[] = [
    ['run', `${path}: ${standText(run)}`],
    ...(facts === undefined ? [] : ([['id', facts.runId]] as const)),
    ...(facts === undefined ? [] : ([['numerics', facts.numericsClass]] as const)),
    ...(report === null ? [] : ([['aggregator', optionsText(report.aggregator)]] as const)),
    ...(report === null ? [] : ([['nodes', shown(report.nodes.map(({ name }) => name))]] as const)),
    ...(model === null ? [] : modelRows({ ...model, files: [] }).slice(0, 2)),
    ...checkpoints.map((one) => [basename(one.path), `root ${one.root}`] as const),
    ...parts.map(
      (one) => [`${one.node} ${basename(one.path)}`, `${heldText(one)} buckets`] as const,
    ),
    ...(baseline?.model ? [['baseline', `params ${baseline.model.paramsHash}`] as const] : []),
    ...(files.length === 0 ? [] : [['files', filesText(files)] as const]),
  ];
  return [...alignColumns(rows), ...(report === null ? [] : ['', ...resultTable(report)])];
}

/** How far the run is. */
function standText({ report, checkpoints, parts }: RunInspection): string {
  if (report !== null) return `${report.steps} steps, done`;
  const newest = [...checkpoints, ...parts].toSorted((a, b) => b.step - a.step)[0];
  return newest ? `not over, step ${newest.step} of ${newest.run.steps} is kept` : 'not over';
}

const sizeText = ({ parameters, tensors }: { parameters: number; tensors: number }) =>
  `${parameters} in ${tensors} tensors`;

const filesText = (files: readonly FileSize[]) =>
  shown(files.map(({ name, bytes }) => `${name} ${formatBytes(bytes)}`));

function shown(words: readonly string[]): string {
  const more = words.length > SHOWN_MAX ? `, and ${words.length - SHOWN_MAX} more` : '';
  return words.slice(0, SHOWN_MAX).join(', ') + more;
}
