/** report.json of a run, from what it was and what came of it. */
import { assert, defined } from '../../../protocol/assert.ts';
import { PROTOCOL_VERSION } from '../../../protocol/index.ts';
import {
  type EvaluatedLanguage,
  REPORT_SCHEMA_VERSION,
  type Report,
  type ReportedResult,
  reportSchema,
} from '../output/index.ts';
import { packageVersion } from '../version.ts';
import type { Job } from './open-job.ts';
import type { Tally } from './tally.ts';

export interface RunEnd {
  readonly engine: string;
  readonly numericsClass: string;
  readonly paramsHash: string;
  readonly wallSeconds: number;
  readonly nodes: Report['nodes'];
  /** Scores of the base and of the result, language by language. */
  readonly before: readonly EvaluatedLanguage[];
  readonly after: readonly EvaluatedLanguage[];
}

export function buildReport(job: Job, tally: Tally, end: RunEnd): Report {
  const { config, runId } = job;
  const { name, normalize } = config.aggregator;
  const report: Report = {
    type: 'report',
    schemaVersion: REPORT_SCHEMA_VERSION,
    runId,
    paramsHash: end.paramsHash,
    steps: config.steps,
    seed: config.seed,
    aggregator: { name, normalize },
    engine: end.engine,
    numericsClass: end.numericsClass,
    versions: {
      isogloss: packageVersion,
      node: process.versions.node,
      protocol: String(PROTOCOL_VERSION),
    },
    wallSeconds: end.wallSeconds,
    nodes: end.nodes,
    languages: results(end, tally),
    wire: {
      bytesSent: end.nodes.reduce((sum, { bytesSent }) => sum + bytesSent, 0),
      bytesReceived: end.nodes.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0),
    },
    conflicts: tally.conflicts,
    certificates: { ...tally.certificates, whenStalled: config.whenStalled },
    baseline: null,
  };
  const { error } = reportSchema.safeParse(report);
  assert(error === undefined, `a report that is none: ${error?.message}`);
  return report;
}

function results({ before, after }: RunEnd, tally: Tally): ReportedResult[] {
  return before.map((base, index) => {
    const result = defined(after[index], `scores of ${base.language}`);
    assert(result.language === base.language, 'both evaluations have the same languages');
    return {
      language: base.language,
      role: base.role,
      lossBefore: base.loss,
      lossAfter: result.loss,
      bitsPerByteBefore: base.bitsPerByte,
      bitsPerByteAfter: result.bitsPerByte,
      tokens: tally.tokensOf(base.language),
    };
  });
}
