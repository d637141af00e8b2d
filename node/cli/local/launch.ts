/** `isogloss local`: the whole job on this machine, and if asked for plain averaging beside it. */
import { rmdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import type { LocalOptions } from '../commands/local.ts';
import { ConfigValueError, type LoadedConfig, loadConfig } from '../config/index.ts';
import type { CommandAction, CommandContext } from '../context.ts';
import { Interrupts, STOPPED, STOPPING } from '../interrupts.ts';
import {
  baselineOf,
  chooseRunFolder,
  type Job,
  nodeName,
  openJob,
  openScorer,
} from '../job/index.ts';
import { Reporter } from '../output/index.ts';
import { BASELINE_FOLDER } from '../places.ts';
import { commandName } from '../version.ts';
import { type PartResult, trainPart } from './part.ts';

export const runLocal: CommandAction<LocalOptions> = async (options, context) => {
  const loaded = await loadConfig(options.configPath, options.overrides);
  const job = await openJob(loaded);
  checkText(loaded, options.nodes);
  const folder = await chooseRunFolder(loaded, options.resume);
  const reporter = new Reporter({
    terminal: context.terminal,
    json: options.json,
    nowMs: context.nowMs,
  });
  const interrupts = new Interrupts((isFirst) => reporter.note(isFirst ? STOPPING : STOPPED));
  try {
    return await launch({ options, context, reporter, interrupts, loaded, job, folder });
  } catch (error) {
    if (interrupts.exitCode === null) throw error;
    reporter.ended((error as Error).message);
    return interrupts.exitCode;
  } finally {
    interrupts.close();
    // Where nothing came of it, not even an empty folder stays.
    await rmdir(folder).catch(() => {});
  }
};

/** Throws a ConfigValueError where no node of this machine has some text. */
function checkText({ config, source }: LoadedConfig, count: number): void {
  const names = Array.from({ length: count }, (_, index) => nodeName(index));
  for (const [id, { nodes }] of Object.entries(config.data.at)) {
    if (nodes.some((name) => names.includes(name))) continue;
    throw new ConfigValueError(
      source.place(['data', 'at', id, 'nodes'], 'value'),
      `data.at.${id}.nodes are ${nodes.join(', ')}, and local starts ${names.join(', ')}: nobody ` +
        'has the text. Name one of these, or start isogloss node with the right network.name.',
    );
  }
}

interface Launch {
  readonly options: LocalOptions;
  readonly context: CommandContext;
  readonly reporter: Reporter;
  readonly interrupts: Interrupts;
  readonly loaded: LoadedConfig;
  readonly job: Job;
  readonly folder: string;
}

async function launch(all: Launch): Promise<number> {
  const { options, context, reporter, interrupts, job, folder } = all;
  reporter.note(`scoring the base model, then starting ${nodesText(options.nodes)}`);
  const scorer = await openScorer(job, options.engine, availableParallelism());
  try {
    const before = await scorer.score(job.model.values);
    reporter.evaluation({ part: 'main', step: 0, languages: before });
    const common = { options, context, reporter, stop: interrupts.signal, scorer, before };
    const main = await trainPart({ ...common, part: 'main', job, folder });
    if (main.report === null) return stopped(all, main);
    let { report } = main;
    if (options.baseline) {
      const place = { job: baselineOf(job), folder: join(folder, BASELINE_FOLDER) };
      const baseline = await trainPart({ ...common, part: 'baseline', ...place });
      if (baseline.report === null) return stopped(all, baseline);
      const { paramsHash, languages, wallSeconds } = baseline.report;
      report = { ...report, baseline: { paramsHash, languages, wallSeconds } };
      await main.record.writeReport(report);
    }
    const entries = ['report.json', 'model/', `checkpoint-${job.config.steps}/`];
    if (options.baseline) entries.push(`${BASELINE_FOLDER}/`);
    reporter.report(report, { folder: shown(folder), entries });
    return 0;
  } finally {
    await scorer.close();
  }
}

/** Says how to go on, and gives the exit code of the signal. */
function stopped({ options, reporter, interrupts, folder }: Launch, { step }: PartResult): number {
  const place = shown(folder);
  const command = [
    commandName(),
    'local',
    join(place, 'config.resolved.yaml'),
    `--nodes ${options.nodes}`,
    `--out ${place}`,
    '--resume',
    ...(options.baseline ? ['--baseline mean'] : []),
    ...(options.engine === undefined ? [] : [`--engine ${options.engine}`]),
  ];
  reporter.ended(`stopped after step ${step}; go on with: ${command.join(' ')}`);
  return interrupts.exitCode ?? 1;
}

const nodesText = (nodes: number) => `${nodes} node${nodes === 1 ? '' : 's'}`;

const shown = (folder: string) => relative('.', folder) || '.';
