/** What a node does when its deadline passes: it asks, says so, and in the end acts for others. */
import type { Composition } from './composition.ts';
import { type Asked, sendWants } from './wants.ts';

/** Deadlines of a step after which a holder resolves a bucket although it is another's. */
const TAKE_OVER_WAITS = 2;

/** Wants everything that is missing. */
export function want(parts: Composition): Asked {
  const { context, member, owner, holdings, shares, deadline, worker, auditor } = parts;
  return sendWants({
    ...{ context, member, owner, holdings, auditor },
    workers: shares.workers,
    level: deadline.waits,
    computes: deadline.canTellLate,
    compute: (language, units, bucket) => worker.computeAgain(language, units, bucket),
  });
}

/** The deadline has passed. */
export function askForLate(parts: Composition): void {
  const { context, member, deadline, shares, course } = parts;
  if (context.complete && !member.works) return;
  const { count, text: waitsFor } = want(parts);
  if (deadline.waits >= TAKE_OVER_WAITS && context.complete && deadline.canTellLate) {
    for (const bucket of member.missingWhole()) shares.takeOver(bucket);
  }
  const { step, nowMs } = context;
  const againS = Math.ceil(deadline.passed(count) / 1000);
  const waitedMs = nowMs - member.standsSinceMs;
  course.consider();
  const waitedS = Math.round(waitedMs / 1000);
  if (count > 0) {
    const text = `step ${step}: waiting ${waitedS} s for ${waitsFor}; asking again in ${againS} s`;
    context.emit({ kind: 'log', level: 'warn', text, waitedMs });
  }
  for (const { language, at } of context.absent) {
    const who = at.length === 0 ? 'somebody who has it' : at.join(' or ');
    const text = `nobody who is here has the text of ${language}`;
    context.log('warn', `step ${step}: ${text}; waiting ${waitedS} s for ${who}`);
  }
}
