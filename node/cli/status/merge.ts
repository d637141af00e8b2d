/**
 * What several nodes of a run say, as one table: each node by its own word if it was asked, else as
 * the one knows it that heard of it last. Pure.
 */
import { describeBuckets } from '../../store/index.ts';
import type { NodeStatus, OtherNode, RunningStatus } from './document.ts';
import type { Asked, Unanswered } from './find.ts';

/** One node of a run. */
export interface NodeRow {
  /** A part of the peer id where nobody here knows the name. */
  readonly name: string;
  readonly peerId: string;
  /** `here` and `gone` as those see it that were asked. */
  readonly state: 'here' | 'waiting' | 'gone' | 'expected';
  /** What it does, or why it is gone; for people. */
  readonly text: string;
  readonly step: number | null;
  /** Whole buckets; null where not known. */
  readonly holds: number | null;
  /** How many it is to hold; null where not known. */
  readonly due: number | null;
  /** How many it resolves; null where it was not asked. */
  readonly owns: number | null;
  /** When it was last heard of; null for one that answered. */
  readonly silentMs: number | null;
}

export interface RunStatus {
  readonly runId: string;
  readonly steps: number;
  readonly buckets: number;
  /** The newest step that a node stands at. */
  readonly step: number;
  readonly nodes: readonly NodeRow[];
  /** What is being recovered and how far; a line each. */
  readonly recovery: readonly string[];
  /** As they came. */
  readonly answers: readonly NodeStatus[];
}

/** Digits of a peer id that are shown where there is no name. */
const ID_SHOWN = 8;

/** What comes of buckets that nobody here has. */
const NOWHERE = 'whoever has them is waited for; else the run goes back';

/** How a node that hands over is told. */
const LEAVES = 'leaves';

/** A run each; folders of no run that answers are told apart. */
export function mergeStatus({ answers, unanswered }: Asked): {
  readonly runs: readonly RunStatus[];
  readonly unanswered: readonly Unanswered[];
} {
  const runIds = [...new Set(answers.map(({ runId }) => runId))];
  const runs = runIds.map((runId) => {
    return mergeRun(
      answers.filter((one) => one.runId === runId),
      unanswered,
    );
  });
  const known = new Set(runs.flatMap(({ nodes }) => nodes.map(({ peerId }) => peerId)));
  return {
    runs,
    unanswered: unanswered.filter(({ peerId }) => peerId === null || !known.has(peerId)),
  };
}

function mergeRun(answers: readonly NodeStatus[], unanswered: readonly Unanswered[]): RunStatus {
  const { runId, steps, buckets } = answers[0]!;
  const asked = new Set(answers.map(({ peerId }) => peerId));
  const others = new Map<string, OtherNode>();
  for (const other of answers.flatMap(({ running }) => running?.others ?? [])) {
    if (asked.has(other.peerId)) continue;
    const known = others.get(other.peerId);
    others.set(other.peerId, known === undefined ? other : fresher(known, other));
  }
  const silent = new Map(unanswered.map(({ peerId, why }) => [peerId, why]));
  const nodes = [
    ...answers.map(ownRow),
    ...[...others.values()].map((other) => otherRow(other, silent.get(other.peerId))),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    ...{ runId, steps, buckets, nodes, answers },
    step: Math.max(0, ...nodes.map(({ step }) => step ?? 0)),
    recovery: [...thinlyHeld(answers, nodes), ...answers.flatMap(recoveryOf)],
  };
}

function fresher(a: OtherNode, b: OtherNode): OtherNode {
  const newer = a.silentMs <= b.silentMs ? a : b;
  return { ...newer, name: newer.name ?? a.name ?? b.name };
}

function ownRow({ name, peerId, waiting, running, buckets }: NodeStatus): NodeRow {
  const row = { name, peerId, silentMs: null };
  if (running === null) {
    const missing = (waiting?.nodes ?? 1) - 1 - (waiting?.here.length ?? 0);
    const here = waiting?.here.join(', ') || 'nobody else';
    const text = `waits for ${missing} of ${waiting?.nodes ?? 1} nodes; here: ${here}`;
    return { ...row, state: 'waiting', text, step: null, holds: null, due: null, owns: null };
  }
  const { step, held, due, owned } = running;
  const counts = { holds: held.length, due: due.length, owns: owned.length };
  return { ...row, state: 'here', text: workText(running, buckets), step, ...counts };
}

function workText({ phase, goal, missing }: RunningStatus, buckets: number): string {
  switch (phase) {
    case 'settling':
      return 'finds out where to begin';
    case 'loading':
      return `loads step ${goal} from its disk`;
    case 'gathering':
      return `gathers step ${goal}: ${buckets - missing.updates.length} of ${buckets} buckets here`;
    case 'working':
      return 'works';
  }
}

function otherRow(other: OtherNode, silent: string | undefined): NodeRow {
  const { peerId, alive, step, holds, due, leaving, finished, silentMs } = other;
  const name = other.name ?? `…${peerId.slice(-ID_SHOWN)}`;
  const row = { name, peerId, step, due: null, owns: null, silentMs };
  if (!alive || silent !== undefined) {
    return { ...row, state: 'gone', holds: null, text: silent ?? other.why ?? 'silent' };
  }
  if (step === null) return { ...row, state: 'expected', holds: null, text: 'has not said a word' };
  const ending = leaving ? LEAVES : 'works';
  return { ...row, state: 'here', holds, due, text: finished ? 'has finished' : ending };
}

/** Buckets that fewer nodes have than should, and who is taking them on, if anybody can. */
function thinlyHeld(answers: readonly NodeStatus[], nodes: readonly NodeRow[]): string[] {
  const working = answers.filter(({ running }) => running?.phase === 'working');
  // Whoever is furthest has heard the most.
  const [first] = working.sort((a, b) => (b.running?.step ?? 0) - (a.running?.step ?? 0));
  if (first?.running == null) return [];
  const [nowhere = 0, ...some] = first.running.copies.slice(0, -1);
  const told = (count: number) => `${count} of ${first.buckets} buckets on`;
  const thin = some.flatMap((count, i) => {
    const where = i === 0 ? 'one node only' : `${i + 1} nodes only`;
    return count === 0 ? [] : [`${told(count)} ${where}`];
  });
  const takers = () => whoTakes(nodes.filter(({ state }) => state === 'here'));
  return [
    // There is nothing to copy them from.
    ...(nowhere === 0 ? [] : [`${told(nowhere)} no node that is here: ${NOWHERE}`]),
    ...(thin.length === 0 ? [] : [`${thin.join(', ')}: ${takers()}`]),
  ];
}

/** Who is copying what too few have, or is going to. */
function whoTakes(here: readonly NodeRow[]): string {
  const named = (rows: readonly NodeRow[]) => rows.map(({ name }) => name).join(', ');
  const taking = here.filter(({ holds, due }) => holds !== null && due !== null && holds < due);
  if (taking.length > 0) return `being copied to ${named(taking)}`;
  const coming = here.filter(({ due, text }) => due === 0 && text !== LEAVES);
  if (coming.length > 0) return `to be copied to ${named(coming)}, which takes its share soon`;
  return here.length === 1 ? 'nobody else is here to take a copy' : 'nobody takes a copy yet';
}

/** What one node recovers, or waits for. */
function recoveryOf({ name, running, buckets }: NodeStatus): string[] {
  if (running === null) return [];
  const { step, phase, goal, rewind, held, due, filling, unowned, missing, waits } = running;
  const lines: string[] = [];
  if (rewind !== null) {
    const seconds = Math.ceil(rewind.inMs / 1000);
    const then = `in ${seconds} s back to step ${rewind.step}, if nobody returns`;
    lines.push(`${name}: values of step ${step} are lost; ${then}`);
  }
  if (phase === 'loading') lines.push(`${name}: loads step ${goal} from its disk`);
  if (phase === 'gathering') {
    const here = `${buckets - missing.updates.length} of ${buckets} buckets are here`;
    lines.push(`${name}: gathers step ${goal} from the others; ${here}`);
  }
  for (const { language, at } of running.absent) {
    const who = `${at.join(', ') || 'who has it'} ${at.length > 1 ? 'are' : 'is'} missing`;
    lines.push(`${name}: nobody who is here has the text of ${language}: ${who}`);
  }
  if (phase !== 'working') return lines;
  if (unowned.length > 0) lines.push(`${name}: nobody holds ${describeBuckets(unowned)}`);
  const lacking = due.filter((bucket) => !held.includes(bucket));
  if (lacking.length > 0) {
    const now = filling.length === 0 ? '' : `; ${describeBuckets(filling)} under way`;
    const whole = `it has ${due.length - lacking.length} of ${due.length} that are due`;
    lines.push(`${name}: takes on ${describeBuckets(lacking)}${now}; ${whole}`);
  }
  if (waits > 0 && missing.updates.length > 0) {
    const asked = `others were asked ${waits === 1 ? 'once' : `${waits} times`}`;
    lines.push(`${name}: waits at step ${step} for ${describeBuckets(missing.updates)}; ${asked}`);
  }
  return lines;
}
