/** Errors, expulsions, bounds and numbers: what no node may do whatever happens to it. */
import type { Effect, Event } from '../../node/actor/index.ts';
import { IsoglossError } from '../../protocol/errors.ts';
import type { Process } from '../process/index.ts';
import type { Checker } from './types.ts';

type SliceEvent = Extract<Event, { kind: 'slice' }>;

/** Weights of these methods are on the simplex, up to rounding. */
const SIMPLEX = new Set(['mean', 'mgda', 'remembering', 'random']);
const SIMPLEX_TOLERANCE = 1e-9;
const GAP_MAX = 1e-6;

export const everyErrorIsTyped: Checker = (context) => ({
  ended(running, why) {
    // Memory that rots may end a node with an error that has a name.
    const isNamed = why.kind === 'threw' && why.error instanceof IsoglossError;
    if (why.kind === 'threw' && !(isNamed && running.node.isHarmed)) {
      const { error } = why;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      context.report('every error is typed', text, { running, step: running.step });
    }
    const isExcused = context.hasHarm || running.node.isHarmed;
    const mayFail = isExcused || context.world.scenario.brokenUnits > 0;
    if (why.kind === 'failed' && !mayFail) {
      context.report('the run goes on', why.text, { running, step: running.step });
    }
  },
  untyped(to, error) {
    const known = error instanceof IsoglossError;
    if (!known) context.report('every error is typed', `reading a frame for ${to}: ${error}`);
  },
});

/** A node is cut off by others only for what it, or its machine, has done wrong. */
export const nobodyHonestIsExpelled: Checker = (context) => {
  const { world } = context;
  const excused = world.schedule.some(({ fault }) => fault === 'payloadFlip');
  return {
    handled(running, event, effects) {
      if (excused || running.node.isHarmed) return;
      for (const effect of effects) {
        if (effect.kind !== 'disconnect' || world.node(effect.peer).isHarmed) continue;
        const text = `${running.node.name} expels ${effect.peer}: ${effect.reason}`;
        context.report('nobody honest is expelled', text, { running, event, step: running.step });
      }
    },
  };
};

/** Whether a node says that a unit is not finite in the moment that it has computed it. */
function isSaidAtOnce(event: SliceEvent, effects: readonly Effect[]): boolean {
  const { step, language, unit, bucket } = event;
  return effects.some((effect) => {
    if (effect.kind !== 'send' || effect.message.kind !== 'sum') return false;
    const { message } = effect;
    const first = message.index * 2 ** message.level;
    const isOver = unit >= first && unit < first + 2 ** message.level;
    const isOf = message.step === step && message.language === language;
    return message.outcome === 'nonFinite' && isOf && message.bucket === bucket && isOver;
  });
}

export const numbersAreSound: Checker = (context) => {
  const { aggregator } = context.world.scenario;
  /** By process: slices that it has found not finite, of its steps. */
  const doubted = new WeakMap<Process, Set<string>>();
  const doubt = (running: Process, event: SliceEvent, effects: readonly Effect[]) => {
    const known = doubted.get(running) ?? new Set<string>();
    doubted.set(running, known);
    const { step, language, unit, bucket } = event;
    const name = `${step} ${language}.${unit} ${bucket}`;
    const isFirst = !known.has(name);
    known.add(name);
    if (!isFirst || !isSaidAtOnce(event, effects)) return;
    const text = `${running.node.name} says that slice ${name} is not finite, computed once`;
    context.report('numbers are sound', text, { running, event, step, bucket });
  };
  return {
    handled(running, event, effects) {
      if (context.hasHarm || running.node.isHarmed) return;
      if (event.kind === 'slice' && event.outcome === 'nonFinite') doubt(running, event, effects);
      if (event.kind === 'updated' && !event.finite && context.world.scenario.brokenUnits === 0) {
        context.report('numbers are sound', 'an update is not finite', {
          running,
          event,
          ...event,
        });
      }
      if (event.kind !== 'weighed') return;
      const { weights, gapRelative } = event;
      const sum = weights.reduce((total, weight) => total + weight, 0);
      const isOff = Math.abs(sum - 1) > SIMPLEX_TOLERANCE || weights.some((weight) => weight < 0);
      const { normalize, name } = aggregator;
      if (weights.every((weight) => weight === 0)) return; // no language has a row
      if (SIMPLEX.has(name) && normalize === 'none' && isOff) {
        context.report('numbers are sound', `weights ${weights.join()}`, { running, event });
      }
      if (name === 'mgda' && gapRelative > GAP_MAX) {
        context.report('numbers are sound', `relative gap ${gapRelative}`, { running, event });
      }
    },
  };
};

/**
 * Two complete steps and one staged, the sums of a step and of those that come early; what an actor
 * remembers of the last steps; and no more words at once than there is to say.
 */
export const memoryIsBounded: Checker = (context) => {
  const { groupOf, actor } = context.world.model;
  const units = actor.languages.reduce((sum, { unitsPerStep }) => sum + unitsPerStep, 0);
  const valuesMax = 6 * groupOf.length * (1 + 2 * units);
  /** Names of a step: sums, and by bucket a Gram part, norm, direction and value. */
  const names = groupOf.length * (2 * units + 4);
  return {
    handled(running, event, effects) {
      const report = (text: string) =>
        context.report('memory is bounded', text, { running, event, step: running.step });
      if (running.bulk.size > valuesMax)
        report(`${running.bulk.size} values are held, expected at most ${valuesMax}`);
      if (effects.length > EFFECTS_MAX) report(`${effects.length} effects of one event`);
      if (effects.length > DIGESTS_MAX) {
        const most = mostDigests(effects);
        // Whoever waited only for an answer may go on by several steps at once, and whoever is left
        // alone with buckets says so of each.
        const steps = effects.filter(({ kind }) => kind === 'stepped').length;
        const max = DIGESTS_MAX * (1 + steps) + groupOf.length;
        if (most > max) report(`${most} digests to one node in one event`);
      }
      const { memory } = running.actor;
      // It grows by steps, not by events.
      if (event.kind !== 'timer' || event.timer !== 'heartbeat' || memory === undefined) return;
      const answers = context.world.nodes.length;
      for (const [what, stepsMax] of [
        ['said', SAID_STEPS],
        ['received', RECEIVED_STEPS],
        ['recorded', RECORDED_STEPS],
        ['compared', COMPARED_STEPS + RECEIVED_STEPS * answers],
      ] as const) {
        const max = stepsMax * names;
        if (memory[what] > max)
          report(`${memory[what]} values are ${what}, expected at most ${max}`);
      }
    },
  };
};

/** Effects of one event: a step's whole work for a small model, and wants for all of it. */
const EFFECTS_MAX = 20_000;
/** Words to one node in one event, and for each step that it makes: three are the most seen. */
const DIGESTS_MAX = 12;
/** Steps whose names an actor remembers, by what for; see outbox, inbox, book and auditor. */
const SAID_STEPS = 4;
const RECEIVED_STEPS = 2;
const RECORDED_STEPS = 12;
const COMPARED_STEPS = 8;

function mostDigests(effects: readonly Effect[]): number {
  const counts = new Map<string, number>();
  for (const effect of effects) {
    if (effect.kind !== 'send' || effect.message.kind !== 'digest') continue;
    for (const to of effect.to) counts.set(to, (counts.get(to) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

export const messagesAreConserved: Checker = (context) => ({
  finish() {
    const { sent, delivered, dropped, inFlight } = context.world.network.tally;
    if (sent === delivered + dropped + inFlight && inFlight >= 0) return;
    const text = `${sent} sent, ${delivered} delivered, ${dropped} dropped, ${inFlight} under way`;
    context.report('messages are conserved', text);
  },
});
