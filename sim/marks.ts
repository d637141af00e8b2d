/**
 * Coverage marks: situations that a nightly number of seeds must have met. Each is seen from
 * outside, in events, effects and logs; a mark that is never hit means that seeds do not test it.
 */
import type { Effect, Event } from '../node/actor/index.ts';
import type { Process, SimNode } from './process/index.ts';
import type { Observer, World } from './world.ts';

/** By name, what it stands for. */
export const MARKS = {
  'crash mid-step': 'a process died while it worked at a step',
  'owner died mid-step': 'a process died that had resolved a bucket of the step',
  'power lost': 'a machine lost power',
  'restart from disk': 'a process began with a checkpoint on its disk',
  'restart wiped': 'a node began again with an empty disk',
  'joiner completed': 'a node that nobody expected came to stand at a step above 0',
  'laggard completed': 'a restarted node came to stand at a step above 0',
  'leaver left': 'a node handed over and went',
  rewind: 'a node went back to an older step',
  'checkpoint loaded': 'a checkpoint was read back',
  'checkpoint refused': 'a checkpoint was damaged, and refused',
  'checkpoint pruned': 'an old checkpoint was removed',
  'backup took over': 'a bucket was resolved by a node that had not resolved it the step before',
  'copy outside': 'a checkpoint had a copy of a bucket that its node did not hold',
  'whole handed over': 'a node took a whole value from another',
  'whole refused': 'a handed-over value did not fit its hashes',
  'direction followed': 'a backup took the same optimizer step',
  'want sent': 'something was late and wanted',
  'want with computing': 'a sum was wanted that somebody had to compute',
  'computed for another': 'a unit was computed by a second node',
  'payload refused': 'a payload did not fit its hash',
  'bucket kept': 'a bucket had no row and kept its value',
  'row not finite': 'a slice was not finite',
  'unit absent': 'a slice was absent',
  'norm exchanged': 'parts of the global norm went between owners',
  'gram exchanged': 'Gram parts went between owners',
  'peer taken for gone': 'a silent peer was taken for gone',
  'peer came back': 'a peer that had been taken for gone spoke again',
  'divergence found': 'two nodes stood at one step with different roots',
  'stopped early': 'a user asked for the end, and the run ended there',
  'waits for somebody': 'a node said for what it waits',
  'frame damaged': 'a damaged frame was refused',
  'frame repeated': 'a frame arrived twice',
  'queue full': 'a frame was dropped',
  'update replaced': 'a newer update took the place of one that waited to leave',
  'connection silent': 'a connection was given up',
  paused: 'a node stood still and came back',
  'clock jumped': 'a clock jumped ahead',
  'liar refused': 'a node that was wrong was found out by another, and refused',
  'rot found': 'a node found that its own memory was no longer what it was',
  'text waited for': 'nobody who was there had the text of a language',
  alone: 'one node was left and went on',
  'stranger turned away': 'a node of another run, key, version or machine was turned away',
  'another answered': 'somebody else answered a dial',
  'kept out by the list': 'a node that was not on the list of who may come was turned away',
  'sybils believed': 'a node took over a step of which liars of one accord had told',
  'language silent': 'a language had no scored token for three steps in a row',
  'region lost': 'all machines of a region were down while others were not',
  'joiner left': 'a node that nobody had expected handed over and went',
} as const;

export type Mark = keyof typeof MARKS;

/** By the error that it was met with; all others make a stranger. */
const TURNED_AWAY: Readonly<Record<string, Mark>> = {
  DialError: 'another answered',
  PeerNotAllowedError: 'kept out by the list',
};

const SILENT_STEPS = 3;

/** Watches a world for marks. */
export class MarkWatch {
  readonly #world: World;
  readonly #hit: Set<Mark>;
  /** By step: the right root. */
  readonly #roots: readonly string[];
  readonly #resolvedBy = new Map<string, string>();
  /** By unit: the process that computed it first. */
  readonly #computedBy = new Map<string, Process>();
  readonly #resolves = new WeakMap<Process, number>();
  /** Buckets whose whole value a process took of another, by step. */
  readonly #taken = new WeakMap<Process, Set<string>>();
  readonly #expected: ReadonlySet<string>;
  /** Roots that liars of one accord have come to. */
  readonly #pretended = new Set<string>();

  constructor(world: World, hit: Set<Mark>, roots: readonly string[]) {
    this.#world = world;
    this.#hit = hit;
    this.#roots = roots;
    this.#expected = new Set(world.scenario.nodes);
  }

  readonly observer: Observer = {
    started: (running) => {
      const { node } = running;
      if (node.incarnation > 1 && node.disk.list().length === 0) this.#hit.add('restart wiped');
      if (node.disk.inspection.list().length > 0) this.#hit.add('restart from disk');
    },
    turnedAway: (_node, { name }) => this.#hit.add(TURNED_AWAY[name] ?? 'stranger turned away'),
    ended: (running, why) => {
      if (why.kind === 'left') this.#left(running.node.name);
      if (why.kind !== 'killed') return;
      if (why.power) this.#hit.add('power lost');
      if (this.#isRegionLost(running.node.index)) this.#hit.add('region lost');
      if (running.step >= 0 && running.finishedAt === null) this.#hit.add('crash mid-step');
      if (this.#resolves.get(running) === running.step) this.#hit.add('owner died mid-step');
    },
    loaded: (_running, checkpoint) => {
      if (checkpoint !== null) this.#hit.add('checkpoint loaded');
    },
    pruned: () => this.#hit.add('checkpoint pruned'),
    faultEnded: ({ fault }) => {
      if (fault === 'pause') this.#hit.add('paused');
    },
    faultBegan: ({ fault }) => {
      if (fault === 'clockStep') this.#hit.add('clock jumped');
    },
    sent: (_running, message) => {
      if (message.kind === 'want')
        this.#hit.add(message.compute ? 'want with computing' : 'want sent');
      if (message.kind === 'norm') this.#hit.add('norm exchanged');
      if (message.kind === 'gram') this.#hit.add('gram exchanged');
    },
    handled: (running, event, effects) => {
      this.#event(running, event);
      for (const effect of effects) this.#effect(running, effect);
    },
  };

  #left(name: string): void {
    this.#hit.add('leaver left');
    if (!this.#expected.has(name)) this.#hit.add('joiner left');
  }

  #isRegionLost(node: number): boolean {
    const { nodes, scenario } = this.#world;
    const { regions } = scenario.weather;
    const isHere = ({ index }: SimNode) => index % regions === node % regions;
    const isUp = ({ running }: SimNode) => running !== null;
    const here = nodes.filter(isHere);
    return here.length > 1 && !here.some(isUp) && nodes.some(isUp);
  }

  #stepped({ node, incarnation, step: before }: Process, step: number, root: string): void {
    if (step === 0) return;
    if (node.isSybil && root !== this.#roots[step]) this.#pretended.add(root);
    else if (this.#pretended.has(root)) this.#hit.add('sybils believed');
    const { absences = [], units } = this.#world.scenario;
    const isSilent = absences.some(
      (one) =>
        one.language < units.length &&
        one.fromStep <= step - SILENT_STEPS &&
        one.fromStep + one.steps >= step,
    );
    if (isSilent) this.#hit.add('language silent');
    if (before > 0) return;
    if (!this.#expected.has(node.name)) this.#hit.add('joiner completed');
    else if (incarnation > 1) this.#hit.add('laggard completed');
  }

  #event(running: Process, event: Event): void {
    switch (event.kind) {
      case 'slice':
        this.#computed(running, `${event.step} ${event.language} ${event.unit}`);
        if (event.outcome === 'absent') this.#hit.add('unit absent');
        if (event.outcome === 'nonFinite') this.#hit.add('row not finite');
        break;
      case 'filed':
        if (!event.ok) this.#hit.add('payload refused');
        break;
      case 'taken':
        this.#hit.add(event.ok ? 'whole handed over' : 'whole refused');
        if (event.ok) this.#took(running, event);
        break;
      case 'loadFailed':
        this.#hit.add('checkpoint refused');
        break;
      case 'directed': {
        const bucket = String(event.bucket);
        const before = this.#resolvedBy.get(bucket);
        if (before !== undefined && before !== running.node.name) this.#hit.add('backup took over');
        this.#resolvedBy.set(bucket, running.node.name);
        this.#resolves.set(running, event.step);
        break;
      }
      default:
    }
  }

  #took(running: Process, { step, bucket }: { step: number; bucket: number }): void {
    const taken = this.#taken.get(running) ?? new Set();
    this.#taken.set(running, taken.add(`${step} ${bucket}`));
  }

  #computed(running: Process, unit: string): void {
    const first = this.#computedBy.get(unit);
    if (first === undefined) this.#computedBy.set(unit, running);
    else if (first.node !== running.node) this.#hit.add('computed for another');
  }

  #effect(running: Process, effect: Effect): void {
    switch (effect.kind) {
      case 'follow':
        this.#hit.add('direction followed');
        break;
      case 'checkpoint': {
        const taken = this.#taken.get(running);
        // Whoever takes a bucket on holds it from a later step on.
        if (effect.buckets.some((bucket) => taken?.has(`${effect.step} ${bucket}`)))
          this.#hit.add('copy outside');
        break;
      }
      case 'keep':
        this.#hit.add('bucket kept');
        break;
      case 'load':
        if (effect.step < running.step) this.#hit.add('rewind');
        break;
      case 'stepped':
        this.#stepped(running, effect.step, effect.root);
        break;
      case 'finished':
        if (effect.stopped) this.#hit.add('stopped early');
        if (this.#world.nodes.filter((node) => node.running !== null).length === 1)
          this.#hit.add('alone');
        break;
      case 'failed':
        if (effect.error === 'Divergence') this.#hit.add('divergence found');
        if (effect.text.includes('is no longer what it was')) this.#hit.add('rot found');
        break;
      case 'log':
        if (effect.text.includes('taken for gone')) this.#hit.add('peer taken for gone');
        if (effect.text.endsWith('is back')) this.#hit.add('peer came back');
        if (effect.text.includes('waiting')) this.#hit.add('waits for somebody');
        if (effect.text.includes('is refused from now on')) this.#hit.add('liar refused');
        if (effect.text.includes('has the text of')) this.#hit.add('text waited for');
        break;
      default:
    }
  }
}

/** Marks that are counted once the run is over. */
export function finalMarks({ network }: World, hit: Set<Mark>): void {
  if (network.refusedBy.size > 0) hit.add('frame damaged');
  if (network.tally.repeated > 0) hit.add('frame repeated');
  if (network.connections.silences > 0) hit.add('connection silent');
  if (network.tally.dropped > network.tally.replaced) hit.add('queue full');
  if (network.tally.replaced > 0) hit.add('update replaced');
}
