/**
 * What is promised, watched at the event that could break it. Each checker is one function of a
 * context that gives what it watches; it changes nothing and draws nothing.
 */
import { bitsOfTheOracle, oneHashPerName } from './bits.ts';
import { enoughCopiesStay } from './copies.ts';
import { nobodyEndsEarly } from './ending.ts';
import { everyHolderCanGoOn } from './holders.ts';
import { twoStepsAreKept } from './kept.ts';
import { eachUnitOnce } from './leaves.ts';
import { liarsAreFound } from './liars.ts';
import { noRewind, oneRewindALoss } from './rewind.ts';
import {
  everyErrorIsTyped,
  memoryIsBounded,
  messagesAreConserved,
  nobodyHonestIsExpelled,
  numbersAreSound,
} from './soundness.ts';
import { ownRootOnly, versionsInOrder } from './standing.ts';
import { durableMeansDurable, onlyWholeCheckpoints } from './storage.ts';
import { strangersStayOutside } from './strangers.ts';
import { textStays } from './text.ts';
import { throughputComesBack } from './throughput.ts';
import type { Checker } from './types.ts';
import { rewindIsWaitedFor } from './waiting.ts';
import { wantsAreBounded, wantsCanBeMet } from './wants.ts';
import { workIsNotRepeated } from './work.ts';

export const checkers: readonly Checker[] = [
  oneHashPerName,
  bitsOfTheOracle,
  eachUnitOnce,
  versionsInOrder,
  ownRootOnly,
  noRewind,
  oneRewindALoss,
  rewindIsWaitedFor,
  everyHolderCanGoOn,
  durableMeansDurable,
  onlyWholeCheckpoints,
  enoughCopiesStay,
  everyErrorIsTyped,
  nobodyHonestIsExpelled,
  liarsAreFound,
  numbersAreSound,
  memoryIsBounded,
  twoStepsAreKept,
  messagesAreConserved,
  textStays,
  throughputComesBack,
  nobodyEndsEarly,
  wantsCanBeMet,
  wantsAreBounded,
  workIsNotRepeated,
  strangersStayOutside,
];

export { checkEnd } from './liveness.ts';
export {
  type CheckContext,
  type Checker,
  type CheckerName,
  type Violation,
  violationOf,
} from './types.ts';
