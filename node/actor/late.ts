/** What a node does when its deadline passes: it asks, says so, and in the end acts for others. */
import type { Composition } from './composition.ts';
import { type Asked, sendWants } from './wants.ts';

/** Deadlines of a step after which a holder resolves a bucket although it is another's. */
const TAKE_OVER_WAITS = 2;
/** And after which an auditor no longer insists on making the step by itself; at once if behind. */
const GIVE_UP_WAITS = 3;

/** Wants everything that is missing. */
function want(parts: Composition): Asked {
  const { context, member, owner, holdings, shares, deadline, worker, auditor } = parts;
  return sendWants({
    ...{ context, member, owner, holdings, auditor, shares },
    level: deadline.waits,
    computes: deadline.canTellLate,
    compute: (language, units, bucket) => worker.computeAgain(language, units, bucket),
  });
}

/** Wants what is gathered, at once and then at every deadline; not at once if it was in vain. */
export function gather(parts: Composition): void {
  const { context, course, deadline } = parts;
  if (course.gathersAgain) {
    deadline.again();
    return;
  }
  deadline.start();
  if (!context.complete) want(parts);
}

/** The deadline has passed. */
export function askForLate(parts: Composition): void {
  const { context, member, deadline, shares, course, auditor } = parts;
  if (context.complete && !member.works) return;
  if (deadline.waits >= GIVE_UP_WAITS || context.isBehind) auditor.giveUp();
  const { count, text: waitsFor } = want(parts);
  if (deadline.waits >= TAKE_OVER_WAITS && context.complete && deadline.canTellLate) {
    for (const bucket of member.missingWhole()) shares.takeOver(bucket);
  }
  const { step, nowMs } = context;
  const againS = Math.ceil(deadline.passed(count) / 1000);
  const waitedMs = nowMs - member.standsSinceMs;
  course.consider();
  const lacking = context.absent.map(({ language, at }) => {
    const who = at.length === 0 ? 'somebody' : at.join(' or ');
    return `; nobody who is here has the text of ${language}, which ${who} has`;
  });
  if (count === 0 && lacking.length === 0) return;
  const waitedS = Math.round(waitedMs / 1000);
  const waiting = count === 0 ? `${waitedS} s` : `${waitedS} s for ${waitsFor}`;
  const again = `asking again in ${againS} s`;
  const text = `step ${step}: waiting ${waiting}; ${again}${lacking.join('')}`;
  context.emit({ kind: 'log', level: 'warn', text, waitedMs });
}

/** There is a connection with a node. What was said before is lost: who waits asks again soon. */
export function greet({ digests, deadline }: Composition, peer: string): void {
  digests.greet(peer);
  if (deadline.waits > 0) deadline.hasten();
}

/** Others may have left this step: takes on what that leaves to do, asks for what they made. */
export function lookAround(parts: Composition): void {
  const { member, shares, deadline, holdings } = parts;
  if (!member.works) return;
  if (shares.relieve()) deadline.hasten();
  else if (holdings.areMade || isMissingMade(parts)) deadline.leftBehind();
}

/**
 * Whether all that this node waits for is with nodes that have moved on. They may have made it
 * before they knew that this node needs it, as when a run begins, and bring it only if asked.
 */
function isMissingMade({ context, member, holdings, auditor }: Composition): boolean {
  if (!context.isBehind || context.believesNobody) return false;
  const missing = [...member.missing(), ...member.missingWhole()];
  const isMade = (bucket: number) => !auditor.covers(bucket) && holdings.movedOn(bucket).length > 0;
  return missing.length > 0 && missing.every(isMade);
}
