/**
 * Each unit counts exactly once: the leaves under every row are the manifest's units of that
 * language, less those without a gradient in that bucket.
 */
import type { Effect, Event } from '../../node/actor/index.ts';
import { sliceKey } from '../../node/actor/index.ts';
import type { Process } from '../process/index.ts';
import type { Checker } from './types.ts';

/** Leaves are bits of one number. */
const UNITS_MAX = 30;

type Perform<Kind extends Effect['kind']> = Extract<Effect, { kind: Kind }>;

export const eachUnitOnce: Checker = (context) => {
  const { languages } = context.world.model.actor;
  if (languages.some(({ unitsPerStep }) => unitsPerStep > UNITS_MAX)) return {};
  /** By process: which units are in a tensor. */
  const leaves = new WeakMap<Process, Map<string, number>>();
  /** By step, language and bucket: units without a gradient there. */
  const absent = new Map<string, number>();
  const leavesOf = (running: Process) => {
    let known = leaves.get(running);
    if (known === undefined) {
      known = new Map();
      leaves.set(running, known);
    }
    return known;
  };
  const all = (language: number) => 2 ** languages[language]!.unitsPerStep - 1;

  const add = (running: Process, effect: Perform<'add'>, event: Event) => {
    const { key, left, right, step, bucket } = effect;
    const known = leavesOf(running);
    const a = known.get(left) ?? 0;
    const b = known.get(right) ?? 0;
    known.set(key, a | b);
    if ((a & b) === 0 && a !== 0 && b !== 0) return;
    const text = `${key} adds ${left} (${bits(a)}) and ${right} (${bits(b)})`;
    context.report('each unit once', text, { running, step, bucket, event });
  };

  const rows = (running: Process, effect: Perform<'gram'> | Perform<'direct'>, event: Event) => {
    const { step, bucket } = effect;
    const known = leavesOf(running);
    effect.rows.forEach((row, language) => {
      if (row === null) return;
      const has = known.get(row.key) ?? 0;
      const lacks = absent.get(`${step} ${language} ${bucket}`) ?? 0;
      if ((has | lacks) === all(language) && (has & lacks) === 0) return;
      const made = `made of units ${bits(has)}, ${bits(lacks)} are absent`;
      const text = `the row of language ${language} is ${made}`;
      context.report('each unit once', text, { running, step, bucket, event });
    });
  };

  return {
    handled(running, event) {
      if (event.kind !== 'slice' || running.node.isHarmed) return;
      const { step, language, unit, bucket, outcome } = event;
      if (outcome === 'absent') {
        const name = `${step} ${language} ${bucket}`;
        absent.set(name, (absent.get(name) ?? 0) | (1 << unit));
      } else if (outcome === 'tensor') leavesOf(running).set(sliceKey(event), 1 << unit);
    },
    performed(running, effect, _result, cause) {
      if (context.hasHarm || running.node.isHarmed) return;
      if (effect.kind === 'add') add(running, effect, cause);
      else if (effect.kind === 'gram' || effect.kind === 'direct') rows(running, effect, cause);
      else if (effect.kind === 'file') {
        const place = placeOf(effect.key);
        if (place === null) return;
        const { step, language, first, last } = place;
        const units = Math.min(last, languages[language]!.unitsPerStep);
        const covered = 2 ** units - 2 ** Math.min(first, units);
        const lacks = absent.get(`${step} ${language} ${effect.bucket}`) ?? 0;
        leavesOf(running).set(effect.key, covered & ~lacks);
      }
    },
  };
};

/** The units that a received sum claims to cover, by its name. */
function placeOf(key: string) {
  const match = /^sum (\d+) (\d+)\.(\d+):(\d+) /.exec(key);
  if (match === null) return null;
  const [step, language, level, index] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return { step, language, first: index * 2 ** level, last: (index + 1) * 2 ** level };
}

/** The units of a set, as text. */
function bits(set: number): string {
  const units = Array.from({ length: UNITS_MAX }, (_, unit) => unit).filter((u) => (set >> u) & 1);
  return `[${units.join(' ')}]`;
}
