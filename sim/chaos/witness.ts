/**
 * The checkers of a run of real processes: holds what every node reports, line by line, against
 * what the run must be, and keeps what the figures are made of. A violation names node,
 * life and step.
 */
import { z } from 'zod';

/** Further ones tell nothing new. */
const VIOLATIONS_MAX = 20;

/** What a node says of another whose work it found wrong. */
const EXPULSION = 'is refused from now on';

/** What a run without faults gives. */
export interface Expected {
  /** By step, from 0. */
  readonly roots: readonly string[];
  /** By step: mean −ln p per token by language; null without a token. Step 0 has none. */
  readonly losses: readonly Readonly<Record<string, number | null>>[];
  readonly paramsHash: string;
  /** Work units of a step. */
  readonly unitsPerStep: number;
}

const at = { type: z.literal('event'), atMs: z.number() };
const lineSchema = z.union([
  z.discriminatedUnion('event', [
    z.object({ ...at, event: z.literal('stepped'), step: z.number(), root: z.string() }),
    z.object({ ...at, event: z.literal('computing'), step: z.number() }),
    z.object({ ...at, event: z.enum(['gone', 'back']), peer: z.string() }),
    z.object({ ...at, event: z.literal('checkpointed'), step: z.number() }),
  ]),
  z.object({
    type: z.literal('step'),
    step: z.number(),
    losses: z.record(z.string(), z.number().nullable()),
  }),
  z.object({ type: z.literal('report'), paramsHash: z.string() }),
  z.object({
    type: z.literal('run'),
    nodes: z.array(z.object({ name: z.string(), peerId: z.string() })),
  }),
]);

export interface Observed {
  readonly atMs: number;
  readonly node: string;
}

export interface Kill extends Observed {
  /** The newest step that any node stood at. */
  readonly step: number;
}

/** A node that began again. */
export interface Restart extends Observed {
  /** When it stood where the others were; null: not yet. */
  caughtUpMs: number | null;
}

export class Witness {
  readonly #expected: Expected;
  readonly violations: string[] = [];
  /** When any node first stood at a step, by step. */
  readonly reachedMs: number[] = [];
  /** When nodes took another for gone. */
  readonly gone: (Observed & { readonly peer: string })[] = [];
  readonly kills: Kill[] = [];
  readonly restarts: Restart[] = [];
  /** By node: where it stands in its present life. */
  readonly stands = new Map<string, number>();
  readonly hashes = new Map<string, string>();
  /** By peer id: a node that came back may hear of another before it meets it, and its name. */
  readonly #names = new Map<string, string>();
  /** Units that were begun, by all nodes in all lives. */
  computed = 0;
  rootsChecked = 0;
  lossesChecked = 0;
  rewinds = 0;

  constructor(expected: Expected) {
    this.#expected = expected;
  }

  /** The newest step that any node has stood at; −1 before the first. */
  get newest(): number {
    return this.reachedMs.length - 1;
  }

  violate(text: string): void {
    if (this.violations.length < VIOLATIONS_MAX) this.violations.push(text);
  }

  killed(node: string, atMs: number): void {
    this.kills.push({ node, atMs, step: this.newest });
  }

  /** A node begins a life; `again`: it had one before. */
  begins(node: string, atMs: number, again: boolean): void {
    this.stands.delete(node);
    this.hashes.delete(node);
    if (again) this.restarts.push({ node, atMs, caughtUpMs: null });
  }

  /** A line of a node's standard output; those of other kinds are passed over. */
  line(node: string, life: number, line: string): void {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      this.violate(`${node} in life ${life} wrote a line that is not JSON: ${line.slice(0, 200)}`);
      return;
    }
    const told = lineSchema.safeParse(json).data;
    if (told === undefined) return;
    const who = `${node} in life ${life}`;
    switch (told.type) {
      case 'step':
        this.#checkLosses(who, told.step, told.losses);
        return;
      case 'run':
        for (const { name, peerId } of told.nodes) this.#names.set(peerId, name);
        return;
      case 'report':
        this.hashes.set(node, told.paramsHash);
        this.#checkHash(who, told.paramsHash);
        return;
      default:
        if (told.event === 'computing') this.computed++;
        if (told.event === 'stepped') this.#stepped(node, who, told);
        if (told.event === 'gone') {
          const peer = this.#names.get(told.peer) ?? told.peer;
          this.gone.push({ atMs: told.atMs, node, peer });
        }
    }
  }

  /** A line of what a node tells people. There are no liars here: nobody is to be expelled. */
  said(node: string, life: number, line: string): void {
    if (!line.includes(EXPULSION)) return;
    this.violate(`${node} in life ${life} expels a node, and all are honest: ${line.trim()}`);
  }

  #stepped(
    node: string,
    who: string,
    { step, root, atMs }: { readonly step: number; readonly root: string; readonly atMs: number },
  ): void {
    const expected = this.#expected.roots[step];
    this.rootsChecked++;
    if (root !== expected) {
      this.violate(`${who} has root ${root} at step ${step}; without faults it is ${expected}`);
    }
    if (step < (this.stands.get(node) ?? 0)) this.rewinds++;
    this.stands.set(node, step);
    while (this.newest < step) this.reachedMs.push(atMs);
    if (step < this.newest - 1) return;
    const restart = this.restarts.findLast((one) => one.node === node);
    if (restart !== undefined && step > 0) restart.caughtUpMs ??= atMs;
  }

  #checkLosses(who: string, step: number, losses: Readonly<Record<string, number | null>>): void {
    const expected = this.#expected.losses[step] ?? {};
    this.lossesChecked++;
    for (const language of new Set([...Object.keys(expected), ...Object.keys(losses)])) {
      const [loss, right] = [losses[language], expected[language]];
      if (Object.is(loss, right)) continue;
      const has = loss === undefined ? 'no loss' : `loss ${loss}`;
      const should = right === undefined ? 'there is none' : `it is ${right}`;
      const text = `${has} of ${language} at step ${step}; with each unit counted once ${should}`;
      this.violate(`${who} has ${text}`);
    }
  }

  #checkHash(who: string, paramsHash: string): void {
    const { paramsHash: expected } = this.#expected;
    if (paramsHash === expected) return;
    this.violate(`${who} ended in parameters ${paramsHash}; without faults they are ${expected}`);
  }

  /** When all is over: every node of these ended at the last step, with a hash. */
  conclude(nodes: readonly string[]): void {
    const last = this.#expected.roots.length - 1;
    for (const node of nodes) {
      const step = this.stands.get(node);
      if (step !== last) this.violate(`${node} stands at step ${step ?? 'none'}, not ${last}`);
      else if (!this.hashes.has(node)) this.violate(`${node} gave no report at the end`);
    }
  }

  /** Whether any node has stood at the last step. */
  get hasEnded(): boolean {
    return this.newest >= this.#expected.roots.length - 1;
  }

  /** Units that the run is made of, as far as it came. */
  get used(): number {
    return this.#expected.unitsPerStep * Math.max(0, this.newest);
  }
}
