/** What came of a run under faults: the document, and the same for people. */
import type { ChaosFigures, Quantiles, Schedule } from '../../../sim/chaos/index.ts';

export interface ChaosReport {
  readonly type: 'chaos';
  /** No violation, and something that could have brought one about. */
  readonly ok: boolean;
  /** A signal ended it: its end is not judged. */
  readonly interrupted: boolean;
  readonly runId: string;
  readonly paramsHash: string;
  readonly nodes: number;
  readonly seed: number;
  readonly roots: number;
  readonly losses: number;
  readonly violations: readonly string[];
  readonly figures: ChaosFigures;
  /** Steps a second of the same run without faults; null where it was not asked for. */
  readonly calmStepsPerSecond: number | null;
  /** Faults as they were carried out. */
  readonly schedule: Schedule;
  /** What of the plan the run's end came before; null where nothing is missed. */
  readonly warning: string | null;
}

/**
 * Undefined for `planned`: kills as long as the run lasts, of which none is missed but the first.
 * A run that suffered nothing shows nothing.
 */
export function missedText(carriedOut: number, planned: number | undefined): string | null {
  if (planned === undefined) {
    return carriedOut > 0 ? null : 'no fault was carried out: the run ended before the first';
  }
  const missed = planned - carriedOut;
  if (missed === 0) return null;
  return `${missed} of ${planned} faults were not carried out: the run ended before them`;
}

/** For standard output. */
export function reportLines(report: ChaosReport): string[] {
  const { figures, nodes, roots, losses, violations } = report;
  const { unitsUsed, unitsComputed, usedOverComputed, steps, seconds, stepsPerSecond } = figures;
  const { calmStepsPerSecond: calm } = report;
  const pace = `${stepsPerSecond.toFixed(2)} steps/s`;
  const share = usedOverComputed === null ? '–' : usedOverComputed.toFixed(4);
  return [
    ...violations.map((text) => `VIOLATION ${text}`),
    ...(report.warning === null ? [] : [`WARNING ${report.warning}`]),
    `${figures.kills} kills, ${figures.restarts} restarts of ${nodes} nodes in ${steps} steps, ` +
      `${seconds.toFixed(1)} s`,
    `checked    ${roots} roots and ${losses} steps' losses against the run without faults`,
    `detection  ${text(figures.detectionMs)}; not missed before it was back: ${figures.undetected}`,
    `recovery   ${text(figures.recoveryMs)}`,
    `catching up after a restart  ${text(figures.catchUpMs)}; rewinds: ${figures.rewinds}`,
    `units used over computed     ${unitsUsed}/${unitsComputed} = ${share}`,
    `pace       ${pace}${calm === null ? '' : `; without faults ${calm.toFixed(2)} steps/s`}`,
    endLine(report),
  ];
}

function endLine({ ok, interrupted, violations, paramsHash, figures }: ChaosReport): string {
  if (!ok && violations.length === 0) return 'NOT OK: it shows nothing';
  if (!ok) return `NOT OK: ${violations.length} violations`;
  if (interrupted) return `stopped at step ${figures.steps}; no violation until then`;
  return `parameters ${paramsHash} on every node, as without faults`;
}

function text({ count, p50, p99 }: Quantiles): string {
  if (p50 === null || p99 === null) return 'no sample';
  return `p50 ${seconds(p50)}, p99 ${seconds(p99)} of ${count}`;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
