/** What an actor shows of itself and of the others, to whoever wants to look. */

/** A node as its actor sees it. */
export interface Status {
  readonly step: number;
  readonly complete: boolean;
  readonly phase: 'settling' | 'loading' | 'gathering' | 'working';
  /** The step that it heads for while it does not work. */
  readonly goal: number | null;
  readonly rewinds: number;
  /** While values of its step are lost: how long they are waited for, and where it goes then. */
  readonly rewind: { readonly step: number; readonly inMs: number } | null;
  /** Buckets whose whole value is here, those that are to be, and those that are being taken on. */
  readonly held: readonly number[];
  readonly due: readonly number[];
  readonly filling: readonly number[];
  /** Steps whose checkpoint is being written, or waits for copies of buckets that others hold. */
  readonly writing: readonly number[];
  /**
   * By number of nodes: how many buckets are whole on so many that are here, this one included;
   * those on as many as should be, or more, come last.
   */
  readonly copies: readonly number[];
  /** By bucket: who resolves it; null where nobody that is known does. */
  readonly owners: readonly (string | null)[];
  /** Buckets of which something is still to come before the node moves on. */
  readonly missing: Readonly<Record<'updates' | 'whole' | 'grams' | 'norms', readonly number[]>>;
  /** Deadlines that passed at this step since values last came. */
  readonly waits: number;
  /** Languages whose text nobody who is here has, and who has it. */
  readonly absent: readonly AbsentText[];
  readonly others: readonly OtherStatus[];
}

/** How many values an actor remembers: by name, or as messages. */
export interface Memory {
  /** Said, or kept to be asked for. */
  readonly said: number;
  /** Come from others, and not used yet. */
  readonly received: number;
  /** Said and used in the last steps, to be accounted for. */
  readonly recorded: number;
  /** Computed for audits, or heard and not computed yet. */
  readonly compared: number;
}

/** A language whose units nobody who is here can compute. */
export interface AbsentText {
  readonly language: string;
  /** Who is waited for. */
  readonly at: readonly string[];
}

/** Another node, as this one knows it. */
export interface OtherStatus {
  readonly id: string;
  readonly alive: boolean;
  /** Whether there is a connection with it. */
  readonly connected: boolean;
  /** What it said last of itself; null where it has not said a word. */
  readonly step: number | null;
  readonly complete: boolean;
  readonly leaving: boolean;
  readonly finished: boolean;
  /** How many buckets it has whole, and is to have. */
  readonly holds: number;
  readonly due: number;
  readonly silentMs: number;
  /** For how long it has been taken for gone; null while it is alive. */
  readonly goneForMs: number | null;
  /** Why nothing of it is used any more; null while it is trusted. */
  readonly refused: string | null;
}
