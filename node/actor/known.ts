/** What this node knows of another one: its last word, and whether it is there. */
import type { Standing } from '../../protocol/messages.ts';
import type { Gaps } from './liveness.ts';

export interface Known {
  readonly id: string;
  /** Null until the first word. */
  standing: Standing | null;
  /** When it was last heard of, by any path. */
  heardMs: number;
  /** When its own last digest came, for the gaps. */
  digestMs: number | null;
  /** Null until its second digest: among many most never send two. */
  gaps: Gaps | null;
  /** False while its connection here is lost; one that was never there is not missed. */
  connected: boolean;
  alive: boolean;
  /** When it was last taken for gone. */
  goneMs: number | null;
  /** Why nothing of it is used any more. */
  refused: string | null;
}

/** Where another node stands, as it says. */
export interface Word {
  readonly id: string;
  readonly standing: Standing;
}

/** One that is heard of for the first time. */
export function newKnown(id: string, nowMs: number): Known {
  return {
    ...{ id, standing: null, heardMs: nowMs, digestMs: null, gaps: null },
    ...{ connected: true, alive: true, goneMs: null, refused: null },
  };
}
