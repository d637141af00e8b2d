/**
 * The mail: what other nodes say, brought to the part that it is for. Whatever a peer sends that no
 * honest node of the run can mean costs it its streams.
 */
import { defined } from '../../protocol/assert.ts';
import type { Claim } from '../../protocol/claims.ts';
import type { Message, MessageOf } from '../../protocol/messages.ts';
import { answer } from './answers.ts';
import type { Composition } from './composition.ts';
import { faultOf, faultOfDigest, keepsRightly } from './faults.ts';
import { Inbox, type Received, type Signed } from './inbox.ts';
import type { Event, PayloadRef } from './types.ts';
import { follows } from './words.ts';

/** What news means for the actor as a whole. */
export interface MailPorts {
  /** A node spoke. */
  heard(peer: string): void;
  /** Somebody came, went or stands elsewhere. */
  changed(): void;
  /** Somebody wants the run to end at a step. */
  agreeOnStop(step: number): void;
  /** Whether the run is over here may have changed. */
  end(): void;
}

type MessageEvent = Extract<Event, { kind: 'message' }>;

export class Mail {
  readonly inbox: Inbox;
  readonly #parts: Composition;
  readonly #ports: MailPorts;

  constructor(parts: Composition, ports: MailPorts) {
    this.#parts = parts;
    this.#ports = ports;
    this.inbox = new Inbox(parts.context, {
      get isSettled() {
        return parts.course.phase !== 'settling';
      },
      concerns: (message) => this.#concerns(message),
      lacks: (message) => this.#lacks(message),
      take: (received) => this.#take(received),
    });
  }

  receive({ from, message, signature, payload }: MessageEvent): void {
    if (this.#parts.context.view.isRefused(from)) {
      this.#parts.context.emit({ kind: 'disconnect', peer: from, reason: 'it is refused' });
      return;
    }
    this.#ports.heard(from);
    this.#showsStep(from, message);
    switch (message.kind) {
      case 'digest':
        this.#digest(from, message);
        return;
      case 'want':
        answer(this.#parts, from, message);
        return;
      case 'whole':
        if (payload !== null && this.#parts.outside.whole(from, message, payload)) return;
        this.#parts.backup.fills.whole(from, message, payload);
        return;
      case 'question':
        this.#question(from, message);
        return;
      case 'inputs':
        this.#parts.auditor.answered(from, message);
        return;
      default:
        this.#claim({ from, message, signature: defined(signature, 'signature') }, payload);
    }
  }

  #claim(signed: Signed, payload: PayloadRef | null): void {
    const { from, message, signature } = signed;
    const { context, backup, book, auditor } = this.#parts;
    if (message.kind === 'direction' && message.step < context.step) {
      // The inbox, which sees to what makes no sense, takes nothing of an earlier step.
      const isSound = faultOf(context, message, payload !== null) === null;
      if (isSound && backup.fills.earlier(message, payload)) {
        book.took({ from, claim: message, signature });
        return;
      }
    }
    auditor.note(from, message, payload !== null);
    this.inbox.receive(signed, payload);
  }

  #question(from: string, question: MessageOf<'question'>): void {
    const inputs = this.#parts.book.answer(from, question);
    if (inputs !== null) this.#parts.context.send([from], inputs);
  }

  /** Whoever sends a sum or a direction stands at its step, and so does a holder with an update. */
  #showsStep(from: string, message: Message): void {
    const { view } = this.#parts.context;
    if (!view.pace.isWide) return;
    const { kind } = message;
    if (kind !== 'sum' && kind !== 'direction' && kind !== 'update') return;
    const standing = view.standing(from);
    if (standing === null || (kind === 'update' && !follows(standing, message.bucket))) return;
    view.shows(from, message.step, message.root);
  }

  #digest(from: string, message: MessageOf<'digest'>): void {
    const fault = faultOfDigest(this.#parts.context, message);
    if (fault !== null) {
      this.#parts.context.emit({ kind: 'disconnect', peer: from, reason: `digest: ${fault}` });
      return;
    }
    const { standing, about } = message;
    const { view } = this.#parts.context;
    for (const one of about) view.pass(one.id, one.standing);
    if (!view.say(from, standing)) return;
    this.#parts.auditor.vouches(from, message.vouches);
    this.#checkRoot(from, standing);
    if (standing.stopAt !== null) this.#ports.agreeOnStop(standing.stopAt);
    this.#ports.changed();
    this.#parts.member.tell();
    this.#parts.keeper.tend();
    this.#ports.end();
  }

  /** This node stands at a new step; somebody may have stood there with another root. */
  stand(): void {
    this.inbox.stand();
    const { step } = this.#context;
    // What most stand at, looked up once for all of them.
    const roots = [0, 1, 2].map((ago) => this.#context.stoodAt(step - ago)?.root);
    for (const { id, standing } of this.#context.view.standings) {
      const ago = step - standing.step;
      const agrees =
        standing.root === roots[ago] && standing.previousRoot === (roots[ago + 1] ?? null);
      if (!agrees) this.#checkRoot(id, standing);
    }
  }

  /** Roots of a step that both stood at are the same, or one of the two is wrong. */
  #checkRoot(peer: string, standing: MessageOf<'digest'>['standing']): void {
    const { complete } = this.#context;
    if (!complete || !standing.complete) return;
    const { step, root, previousRoot } = standing;
    if (previousRoot !== null) this.#compareRoot(peer, step - 1, previousRoot);
    this.#compareRoot(peer, step, root);
  }

  #compareRoot(peer: string, step: number, theirs: string): void {
    const own = this.#context.stoodAt(step)?.root;
    if (own === undefined || own === theirs || this.#parts.auditor.differs(peer, step, theirs))
      return;
    const text =
      `step ${step}: this node's root is ${own.slice(0, 12)}…, that of ${peer} is ` +
      `${theirs.slice(0, 12)}…: one of the two computed a wrong value`;
    this.#context.emit({ kind: 'failed', error: 'Divergence', text });
  }

  get #context(): Composition['context'] {
    return this.#parts.context;
  }

  /** Whether a value of this step or the next can be of use here. */
  #concerns({ kind, bucket }: Claim): boolean {
    if (this.#parts.course.phase === 'settling') return true;
    const { held } = this.#parts.holdings;
    switch (kind) {
      case 'sum':
        return held.has(bucket);
      case 'gram': {
        const { context } = this.#parts;
        return context.sourcesOf(context.groupOf[bucket]!).some((one) => held.has(one));
      }
      case 'norm':
        return this.#parts.context.options.clips && held.size > 0;
      case 'direction':
        return this.#parts.backup.concerns(bucket);
      case 'update':
        return true;
    }
  }

  /** Whether a value of the step at hand is still missing here. */
  #lacks(message: Claim): boolean {
    const { bucket } = message;
    if (this.#isAudited(message)) return false;
    if (message.kind === 'update') {
      const isOfUse = this.#parts.context.complete || message.outcome === 'tensor';
      return isOfUse && this.#parts.course.phase !== 'loading' && this.#parts.member.lacks(bucket);
    }
    if (!this.#parts.member.works) return false;
    switch (message.kind) {
      case 'sum':
        this.#parts.owner.open(bucket);
        return this.#parts.owner.lacks(message.language, bucket, message);
      case 'gram':
        return this.#parts.owner.lacksGram(bucket);
      case 'norm':
        return this.#parts.owner.lacksNorm(bucket);
      case 'direction':
        return this.#parts.backup.lacks(bucket);
    }
  }

  /** Whether this node makes the value by itself, whatever is said of it. */
  #isAudited(message: Claim): boolean {
    const { auditor } = this.#parts;
    if (message.kind === 'sum') return auditor.coversSum(message.language, message.bucket);
    return auditor.covers(message.bucket);
  }

  #take({ from, message, signature, key }: Received): void {
    const { context } = this.#parts;
    if (message.kind === 'update' && !keepsRightly(context, message)) {
      const reason = `update of bucket ${message.bucket}: it says kept, and names another value`;
      context.emit({ kind: 'disconnect', peer: from, reason });
      return;
    }
    this.#parts.book.took({ from, claim: message, signature });
    switch (message.kind) {
      case 'sum': {
        const { language, bucket, outcome, hash, tokens, lossSum } = message;
        this.#parts.owner.file(language, bucket, message, { outcome, key, hash, tokens, lossSum });
        return;
      }
      case 'gram':
        this.#parts.owner.gramReceived(message);
        return;
      case 'norm':
        this.#parts.owner.normReceived(message);
        return;
      case 'direction':
        this.#parts.backup.take(message, key);
        return;
      case 'update':
        this.#parts.member.received(message, key);
    }
  }
}
