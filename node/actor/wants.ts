/** What this node waits for at its step, by the member that is to bring it. */
import type { WantedName } from '../../protocol/messages.ts';
import { cover } from '../../protocol/tree.ts';
import type { Context } from './context.ts';
import type { Member } from './member.ts';
import type { Owner } from './owner.ts';

/** Names in one message; a node that lacks more asks for the rest at its next deadline. */
const NAMES_PER_WANT_MAX = 4096;

/** Asks every member for what it owes; returns a line that says who is waited for, or null. */
export function sendWants(
  context: Context,
  member: Member,
  owner: Owner,
  only?: string,
): string | null {
  const wanted = missingByMember(context, member, owner);
  const said: string[] = [];
  for (const [peer, names] of wanted) {
    if (only !== undefined && peer !== only) continue;
    const { step, root } = context;
    const part = names.slice(0, NAMES_PER_WANT_MAX);
    context.send([peer], { kind: 'want', step, root, names: part });
    said.push(`${describe(names)} from ${peer}`);
  }
  return said.length === 0 ? null : said.join('; ');
}

function describe(names: readonly WantedName[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of names) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const nouns: Record<string, string> = {
    sum: 'gradient sum',
    gram: 'Gram part',
    norm: 'norm part',
    value: 'update',
  };
  return [...counts].map(([kind, n]) => `${n} ${nouns[kind]}${n === 1 ? '' : 's'}`).join(', ');
}

function missingByMember(
  context: Context,
  member: Member,
  owner: Owner,
): Map<string, WantedName[]> {
  const { step, options, placement } = context;
  const wanted = new Map<string, WantedName[]>();
  const want = (peer: string, name: WantedName) => {
    if (peer === options.self) return;
    const names = wanted.get(peer);
    if (names === undefined) wanted.set(peer, [name]);
    else names.push(name);
  };
  if (member.working) {
    for (const bucket of context.ownedBuckets) {
      placement.workers.forEach((workers, language) => {
        for (const { worker, first, last } of runs(workers)) {
          for (const place of cover(first, last, workers.length)) {
            if (owner.lacks(language, bucket, place))
              want(worker, { kind: 'sum', step, language, ...place, bucket });
          }
        }
      });
    }
    for (const bucket of owner.missingGrams())
      want(placement.owners[bucket]!, { kind: 'gram', step, bucket });
    for (const bucket of owner.missingNorms())
      want(placement.owners[bucket]!, { kind: 'norm', step, bucket });
  }
  for (const bucket of member.missing()) {
    want(placement.owners[bucket]!, { kind: 'value', step: step + 1, bucket });
  }
  return wanted;
}

/** The runs of units that one worker computes. */
export function runs(
  workers: readonly string[],
): { worker: string; first: number; last: number }[] {
  const found: { worker: string; first: number; last: number }[] = [];
  workers.forEach((worker, unit) => {
    const open = found.at(-1);
    if (open?.worker === worker) open.last = unit + 1;
    else found.push({ worker, first: unit, last: unit + 1 });
  });
  return found;
}
