/** Answers wants: what is here is sent; sums that nobody has are computed where that is asked. */
import { nameOf } from '../../protocol/claims.ts';
import type { Message, MessageOf, WantedName } from '../../protocol/messages.ts';
import { topPlace, unitsUnder } from '../../protocol/tree.ts';
import { keyOf } from '../../protocol/values.ts';
import type { Book } from './book.ts';
import type { Context } from './context.ts';
import type { Holdings } from './holdings.ts';
import { valueKey, wholeKey } from './keys.ts';
import type { Member } from './member.ts';
import type { Outbox, Saying } from './outbox.ts';
import type { Owner } from './owner.ts';
import type { Worker } from './worker.ts';

/** What an answer may need of the parts of an actor. */
export interface Answering {
  readonly context: Context;
  readonly outbox: Outbox;
  readonly book: Book;
  readonly owner: Owner;
  readonly worker: Worker;
  readonly holdings: Holdings;
  readonly member: Member;
}

/** Sends those of the wanted values that are here and descend from the asker's root. */
export function answer(parts: Answering, peer: string, want: MessageOf<'want'>): void {
  for (const name of want.names) {
    if (name.kind !== 'sum') answerOne(parts, peer, name, want.root);
    else answerSum(parts, peer, name, want);
  }
}

function answerOne(
  { context, outbox, holdings, member }: Answering,
  peer: string,
  name: Exclude<WantedName, { kind: 'sum' }>,
  root: string,
): void {
  if (name.bucket >= context.bucketCount) return;
  if (name.kind === 'whole') {
    const { step, bucket } = name;
    const isHere = member.keeps(step) && holdings.hasWhole(step, bucket);
    if (context.stoodAt(step)?.root !== root || !isHere) return;
    context.send([peer], { kind: 'whole', step, root, bucket }, wholeKey(step, bucket));
    return;
  }
  const said = outbox.get(keyOf(name));
  if (said?.message.root !== root || member.holdsBack(keyOf(name))) return;
  // Whoever asks may not have the value that this one was kept from.
  if (said.message.kind === 'update') {
    const message: Message = { ...said.message, outcome: 'tensor' };
    context.send([peer], message, valueKey(name.step, name.bucket));
    return;
  }
  context.send([peer], said.message, said.payload);
}

/** The whole row, where it was kept because not everybody has the text that it is made from. */
function sendRow(
  { context, outbox }: Pick<Answering, 'context' | 'outbox'>,
  peer: string,
  { step, language, bucket }: Extract<WantedName, { kind: 'sum' }>,
  root: string,
): void {
  const { at, unitsPerStep } = context.options.languages[language]!;
  if (at === undefined) return;
  const said = outbox.get(
    keyOf({ kind: 'sum', step, language, ...topPlace(unitsPerStep), bucket }),
  );
  if (said?.message.root === root) context.send([peer], said.message, said.payload);
}

/** Sums of the step at hand that were filed here, while this node was the one to resolve them. */
function filed(
  { context, owner }: Answering,
  name: Extract<WantedName, { kind: 'sum' }>,
): Saying[] {
  const { step, root } = context;
  if (name.step !== step) return [];
  return owner.sumsWithin(name).map(({ place, entry }) => {
    const { outcome, key, hash, tokens, lossSum } = entry;
    const { language, bucket } = name;
    const value = { outcome, tokens, lossSum, hash };
    const message = { kind: 'sum' as const, step, root, language, ...place, bucket, ...value };
    return { message, payload: key };
  });
}

function answerSum(
  parts: Answering,
  peer: string,
  name: Extract<WantedName, { kind: 'sum' }>,
  { root, compute }: MessageOf<'want'>,
): void {
  const { context, outbox, worker } = parts;
  const { step, language, bucket } = name;
  const total = context.options.languages[language]?.unitsPerStep;
  if (total === undefined || bucket >= context.bucketCount) return;
  const said = outbox.sums(bucket, name);
  const here = said.length > 0 ? said : filed(parts, name);
  const missing = new Set(unitsUnder(name, total));
  for (const { message, payload } of here) {
    if (message.kind !== 'sum' || message.root !== root) continue;
    parts.book.said(message, nameOf(message));
    context.send([peer], message, payload);
    for (const unit of unitsUnder(message, total)) missing.delete(unit);
  }
  if (missing.size > 0) sendRow({ context, outbox }, peer, name, root);
  if (step !== context.step || root !== context.root || !context.complete) return;
  if (missing.size === 0) return;
  worker.alsoFor(peer, bucket);
  if (compute) worker.computeAgain(language, [...missing], bucket);
}
