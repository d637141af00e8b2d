/**
 * Throughput comes back: once an overload is over, steps take as long as they did before it, but
 * for one part in twenty. Judged where the schedule is an overload and nothing else, and enough
 * steps lie before and after it.
 */
import type { FaultName } from '../schedule/faults.ts';
import type { Checker } from './types.ts';

/** Faults that make a run slow and lose nothing. */
const OVERLOADS = new Set<FaultName>([
  ...(['slow', 'stragglers', 'bandwidth', 'queueCap', 'latency', 'loss', 'drop', 'pause'] as const),
]);
/** Until whoever was taken for gone has its share again. */
const SETTLE_MS = 20_000;
/** The first steps have nothing to be measured by; they are slower than the rest. */
const WARM_UP_STEPS = 3;
const STEPS_MIN = 8;
const SHARE_MIN = 0.95;

export const throughputComesBack: Checker = (context) => {
  const { schedule, clock, scenario } = context.world;
  const isOverload = schedule.every(
    ({ fault, durationMs }) => OVERLOADS.has(fault) && durationMs !== null,
  );
  if (schedule.length === 0 || !isOverload || scenario.steps < 2 * STEPS_MIN) return {};
  const fromMs = Math.min(...schedule.map(({ atMs }) => atMs));
  const untilMs = context.world.settledMs + SETTLE_MS;
  const before: number[] = [];
  const after: number[] = [];
  let newest = 0;
  let beganMs = 0;
  return {
    handled(_running, _event, effects) {
      for (const effect of effects) {
        if (effect.kind !== 'stepped' || effect.step <= newest) continue;
        newest = effect.step;
        const durationMs = clock.nowMs - beganMs;
        if (newest > WARM_UP_STEPS && clock.nowMs < fromMs) before.push(durationMs);
        else if (beganMs > untilMs) after.push(durationMs);
        beganMs = clock.nowMs;
      }
    },
    finish() {
      if (before.length < STEPS_MIN || after.length < STEPS_MIN) return;
      const share = median(before) / median(after);
      if (share >= SHARE_MIN) return;
      const percent = Math.round(100 * share);
      const text = `${percent} % of the steps a second that there were before the overload`;
      context.report('throughput comes back', text, { step: newest });
    },
  };
};

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
