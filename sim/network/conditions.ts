/**
 * What the links suffer at the moment: the faults that are on, folded into one small object a
 * directed link. Almost all links are calm, and share one.
 */
import type { FaultOf } from '../schedule/faults.ts';

export type LinkFault =
  | FaultOf<'latency'>
  | FaultOf<'loss'>
  | FaultOf<'drop'>
  | FaultOf<'duplicate'>
  | FaultOf<'replay'>
  | FaultOf<'reorder'>
  | FaultOf<'bandwidth'>
  | FaultOf<'queueCap'>
  | FaultOf<'slice'>
  | FaultOf<'truncate'>
  | FaultOf<'flip'>
  | FaultOf<'payloadFlip'>;

/** A fault that is on, with a number of its own for its draws. */
export interface ActiveFault<F> {
  readonly id: number;
  readonly fault: F;
}

/** By kind: the faults of a link that are on. Null: none, which is the rule. */
export interface LinkConditions {
  readonly faults: readonly ActiveFault<LinkFault>[];
  readonly bytesPerS: number;
  readonly queueBytesMax: number;
}

export class Conditions {
  /** By directed link (from · nodes + to). */
  readonly #links = new Map<number, ActiveFault<LinkFault>[]>();
  readonly #folded = new Map<number, LinkConditions>();

  add(links: readonly number[], active: ActiveFault<LinkFault>): void {
    for (const link of links) {
      const faults = this.#links.get(link);
      if (faults === undefined) this.#links.set(link, [active]);
      else faults.push(active);
      this.#folded.delete(link);
    }
  }

  remove(links: readonly number[], { id }: ActiveFault<LinkFault>): void {
    for (const link of links) {
      const left = (this.#links.get(link) ?? []).filter((active) => active.id !== id);
      if (left.length === 0) this.#links.delete(link);
      else this.#links.set(link, left);
      this.#folded.delete(link);
    }
  }

  /** Null where the link is calm. */
  of(link: number): LinkConditions | null {
    if (this.#links.size === 0) return null;
    const faults = this.#links.get(link);
    if (faults === undefined) return null;
    let folded = this.#folded.get(link);
    if (folded === undefined) {
      folded = fold(faults);
      this.#folded.set(link, folded);
    }
    return folded;
  }
}

function fold(faults: readonly ActiveFault<LinkFault>[]): LinkConditions {
  let bytesPerS = Number.POSITIVE_INFINITY;
  let queueBytesMax = Number.POSITIVE_INFINITY;
  for (const { fault } of faults) {
    if (fault.fault === 'bandwidth') bytesPerS = Math.min(bytesPerS, fault.args.bytesPerS);
    if (fault.fault === 'queueCap') queueBytesMax = Math.min(queueBytesMax, fault.args.bytes);
  }
  return { faults, bytesPerS, queueBytesMax };
}
