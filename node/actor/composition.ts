/** All parts of an actor, and how they know each other. */
import { hasBucket } from '../../protocol/bucket-set.ts';
import { Auditor } from './auditor.ts';
import { Backup } from './backup.ts';
import { Book } from './book.ts';
import { Context } from './context.ts';
import { Course } from './course.ts';
import { Deadline } from './deadline.ts';
import { Digests } from './digests.ts';
import { Holdings } from './holdings.ts';
import { Keeper } from './keeper.ts';
import type { Known } from './known.ts';
import { Member } from './member.ts';
import { Outbox } from './outbox.ts';
import { OutsideCopies } from './outside-copies.ts';
import { Owner } from './owner.ts';
import { Shares } from './shares.ts';
import type { Memory, OtherStatus, Status } from './status.ts';
import type { ActorOptions } from './types.ts';
import { reallyHolds } from './words.ts';
import { Worker } from './worker.ts';

/** What the parts ask of the actor as a whole. */
export interface Conduct {
  /** This node has come to stand at a step. */
  stood(): void;
  /** Begins to work at the step that it stands at. */
  work(): void;
  /** Begins to gather a step. */
  gathers(): void;
  /** What was gathered is not one step. */
  mixed(): void;
  /** Leaves what it was at. */
  abandon(): void;
  /** Holds a bucket that nobody else does. */
  regained(): void;
  /** Nothing of somebody is used any more. */
  refused(): void;
}

export class Composition {
  readonly context: Context;
  readonly book: Book;
  readonly outbox: Outbox;
  readonly holdings: Holdings;
  readonly owner: Owner;
  readonly worker: Worker;
  readonly member: Member;
  readonly backup: Backup;
  readonly outside: OutsideCopies;
  readonly keeper: Keeper;
  readonly course: Course;
  readonly digests: Digests;
  readonly deadline: Deadline;
  readonly shares: Shares;
  readonly auditor: Auditor;

  constructor(options: ActorOptions, conduct: Conduct) {
    const context = new Context(options);
    this.context = context;
    this.book = new Book(context);
    this.outbox = new Outbox(context, (claim, name) => {
      this.book.said(claim, name);
      this.auditor.said(claim);
    });
    this.holdings = new Holdings(context);
    this.outside = new OutsideCopies(context, this.holdings, {
      fills: (bucket) => this.backup.fills.has(bucket),
      stepMs: () => this.deadline.stepMs,
    });
    this.keeper = new Keeper(context, this.holdings, this.outside);
    this.digests = new Digests(context, this.holdings, this.keeper);
    this.member = this.#makeMember(conduct);
    this.owner = new Owner(context, this.outbox, {
      needs: (bucket) => this.member.needs(bucket),
      isMine: (bucket) => this.shares.waitsFor(bucket) !== null || this.auditor.covers(bucket),
      peers: (bucket) => (this.#tells(bucket) ? context.view.others : []),
      backups: (bucket) => (this.#tells(bucket) ? this.holdings.followers(bucket) : []),
      summed: (...sum) => this.auditor.summed(...sum),
      resolved: (resolved) => {
        if (this.#tells(resolved.bucket)) this.member.resolved(resolved);
        else this.member.checked(resolved);
      },
    });
    this.worker = new Worker(context, this.outbox, {
      owner: (bucket) => this.holdings.owner(bucket),
      file: (language, bucket, place, entry) => {
        this.owner.open(bucket);
        if (!this.owner.resolves(bucket)) return false;
        this.owner.file(language, bucket, place, entry);
        return true;
      },
    });
    this.backup = new Backup(context, this.outbox, this.holdings, this.member, {
      regained: () => conduct.regained(),
      stepMs: () => this.deadline.stepMs,
    });
    this.course = this.#makeCourse(conduct);
    this.deadline = new Deadline(context, this.worker);
    this.shares = new Shares(this, () => this.deadline.waits);
    this.auditor = new Auditor(context, this.book, {
      needs: (bucket) => this.member.needs(bucket),
      open: (bucket) => this.owner.open(bucket),
      file: (language, bucket, place, entry) => {
        if (this.owner.resolves(bucket)) this.owner.file(language, bucket, place, entry);
        else if (entry.key !== null) context.drop([entry.key]);
      },
      attempt: () => this.worker.nextAttempt(),
      refused: () => conduct.refused(),
      settled: () => this.member.reconsider(),
    });
  }

  /** What is resolved only to be certain of it is told by whoever owns it. */
  #tells(bucket: number): boolean {
    return !this.auditor.covers(bucket) || this.holdings.owns(bucket);
  }

  #makeMember(conduct: Conduct): Member {
    return new Member(this.context, this.outbox, this.holdings, {
      last: () => this.keeper.last,
      inUse: () => this.keeper.writing,
      reads: (step, bucket) => this.backup.fills.reads(step, bucket),
      learned: (bucket, resolution) => this.owner.learn(bucket, resolution),
      read: (bucket) => this.book.read(bucket),
      asks: () => this.auditor.asks,
      took: (durationMs) => this.deadline.took(durationMs),
      stood: () => conduct.stood(),
      mixed: () => conduct.mixed(),
    });
  }

  #makeCourse(conduct: Conduct): Course {
    return new Course(this.context, this.member, this.keeper, {
      standing: () => this.digests.standing,
      waits: () => this.deadline.waits,
      stepMs: () => this.deadline.stepMs,
      owner: (bucket) => this.holdings.owner(bucket),
      work: () => conduct.work(),
      gathers: () => conduct.gathers(),
      abandon: () => conduct.abandon(),
    });
  }

  get memory(): Omit<Memory, 'received'> {
    const { outbox, book, auditor } = this;
    return { said: outbox.size, recorded: book.size, compared: auditor.size };
  }

  get status(): Status {
    const { step, complete, view, buckets } = this.context;
    const { phase, goal, rewinds, rewind } = this.course;
    const due = new Map<string, number>();
    for (const id of this.context.placement(step).holders.flat()) {
      due.set(id, (due.get(id) ?? 0) + 1);
    }
    return {
      ...{ step, complete, phase, goal: goal?.step ?? null, rewinds, rewind },
      held: [...this.holdings.held].sort((a, b) => a - b),
      due: this.holdings.due,
      filling: this.backup.fills.filling,
      writing: this.keeper.writing,
      copies: this.#copies(),
      owners: buckets.map((bucket) => this.holdings.owner(bucket)),
      missing: {
        updates: this.member.missing(),
        whole: this.member.missingWhole(),
        grams: this.owner.missingGrams(),
        norms: this.owner.missingNorms(),
      },
      waits: this.deadline.waits,
      absent: this.context.absent,
      others: view.all.map((known) => this.#other(known, due)),
    };
  }

  /** Where all nodes are to hold everything, as many as are known are enough. */
  #copies(): number[] {
    const { buckets, view, options } = this.context;
    const enough = Math.min(options.redundancy, view.all.length + 1);
    const copies = new Array<number>(enough + 1).fill(0);
    for (const bucket of buckets) {
      let has = this.holdings.held.has(bucket) ? 1 : 0;
      for (const { standing } of view.standings) if (reallyHolds(standing, bucket)) has++;
      copies[Math.min(has, enough)]!++;
    }
    return copies;
  }

  #other(
    { id, alive, connected, standing, goneMs, refused }: Known,
    due: ReadonlyMap<string, number>,
  ): OtherStatus {
    const { complete = false, leaving = false, finished = false } = standing ?? {};
    const has = (bucket: number) => standing !== null && hasBucket(standing.has, bucket);
    return {
      ...{ id, alive, connected, complete, leaving, finished, refused },
      step: standing?.step ?? null,
      holds: this.context.buckets.filter(has).length,
      due: due.get(id) ?? 0,
      silentMs: this.context.view.silenceMs(id),
      goneForMs: goneMs === null ? null : this.context.nowMs - goneMs,
    };
  }
}
