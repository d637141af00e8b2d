/**
 * What a node does, for whoever collects it from many of them and checks it: where it comes to
 * stand, what it computes, whom it hears and whom it takes for gone.
 */
import type { RunningNode } from '../../runtime/index.ts';

export type NodeEvent =
  /** It stands at a step; also where the step came from a disk or from others. */
  | { readonly event: 'stepped'; readonly step: number; readonly root: string }
  /** It begins to compute a work unit. */
  | {
      readonly event: 'computing';
      readonly step: number;
      readonly language: number;
      readonly unit: number;
    }
  /** Its view of a peer, by name: taken for gone, and heard again. */
  | { readonly event: 'gone' | 'back'; readonly peer: string }
  | { readonly event: 'checkpointed'; readonly step: number };

/** Finds out, whenever it is asked, who of the others is gone or back since it was last. */
export class ViewWatch {
  readonly #gone = new Set<string>();

  /** `nameOf` gives a peer's name. */
  look(
    { others }: Pick<RunningNode['status'], 'others'>,
    nameOf: (id: string) => string,
  ): NodeEvent[] {
    return others.flatMap(({ id, alive }): NodeEvent[] => {
      if (alive === !this.#gone.has(id)) return [];
      if (alive) this.#gone.delete(id);
      else this.#gone.add(id);
      return [{ event: alive ? 'back' : 'gone', peer: nameOf(id) }];
    });
  }
}
