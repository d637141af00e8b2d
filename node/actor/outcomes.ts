/** Outcomes: what the model and the bulk worker did, brought to the part that asked for it. */
import { keyOf } from '../../protocol/values.ts';
import type { Composition } from './composition.ts';
import type { Inbox } from './inbox.ts';
import type { BulkEvent } from './types.ts';

type OutcomeOf<Kind extends BulkEvent['kind']> = Extract<BulkEvent, { kind: Kind }>;
type OutcomeOfStep = OutcomeOf<'added' | 'gram' | 'weighed' | 'directed' | 'updated'>;

export class Outcomes {
  readonly #parts: Composition;
  readonly #inbox: Inbox;

  constructor(parts: Composition, inbox: Inbox) {
    this.#parts = parts;
    this.#inbox = inbox;
  }

  receive(event: BulkEvent): void {
    switch (event.kind) {
      case 'slice':
        if (!this.#parts.auditor.slice(event)) this.#parts.worker.slice(event);
        return;
      case 'rehashed':
        this.#parts.auditor.rehashed(event);
        return;
      case 'filed':
        if (!this.#parts.backup.fills.filed(event.key, event.ok))
          this.#inbox.filed(event.key, event.ok);
        return;
      case 'taken':
        if (!this.#parts.outside.taken(event.step, event.bucket, event.ok))
          this.#parts.backup.fills.taken(event.step, event.bucket, event.ok);
        this.#parts.keeper.tend();
        return;
      default:
        if (this.#parts.course.phase !== 'loading') this.#resolvedPart(event);
    }
  }

  #resolvedPart(event: OutcomeOfStep): void {
    const isOfStep = event.step === this.#parts.context.step && this.#parts.context.complete;
    switch (event.kind) {
      case 'added':
        if (isOfStep && (this.#parts.owner.added(event) || this.#parts.worker.added(event))) return;
        this.#parts.context.drop([event.key]);
        return;
      case 'gram':
        if (isOfStep) this.#parts.owner.gramComputed(event.bucket, event.gram);
        return;
      case 'weighed':
        if (isOfStep) this.#parts.owner.weighed(event);
        return;
      case 'directed':
        if (isOfStep && this.#parts.owner.directed(event.bucket, event.hash, event.squaredNorm))
          return;
        this.#dropDirection(event.step, event.bucket);
        return;
      case 'updated':
        this.#updated(event, isOfStep);
    }
  }

  /** Unless it was said, by this node or to it: then the outbox lets go of it. */
  #dropDirection(step: number, bucket: number): void {
    const key = keyOf({ kind: 'direction', step, bucket });
    if (this.#parts.outbox.get(key) === undefined) this.#parts.context.drop([key]);
  }

  #updated(event: OutcomeOf<'updated'>, isOfStep: boolean): void {
    if (!event.finite) {
      const { layer } = this.#parts.context.options.layout.buckets[event.bucket]!;
      const text =
        `step ${event.step}: the update of bucket ${event.bucket} (${layer}) has numbers that ` +
        'are not finite; lower optimizer.learningRate or set optimizer.clipNorm';
      this.#parts.context.emit({ kind: 'failed', error: 'NonFiniteUpdate', text });
      return;
    }
    if (this.#parts.backup.updated(event) || !isOfStep || !this.#parts.member.needs(event.bucket))
      return;
    this.#parts.owner.updated(event);
  }
}
