/**
 * Runs in which one node lies in every step to another that audits some: how often it is found out,
 * beside 1 − (1 − rate)^k of k wrong steps.
 */
import { Actor } from '../../node/actor/index.ts';
import { tinyRun } from '../../sim/models/index.ts';
import type { Scenario } from '../../sim/scenario.ts';
import { World } from '../../sim/world.ts';
import { CALM, fault } from './scenarios.ts';

const LIAR = 'n1';
const AUDITOR = 'n0';
/** Deviations by which a count of independent findings may miss its mean. */
const SIGMAS = 3;

/** One bucket a holder, so that nobody else's making of it comes in. */
const LIED_TO: Scenario = {
  ...{ ...CALM, units: [2, 2, 2], redundancy: 1, checkpointEverySteps: null },
  model: { kind: 'tiny', bucketBytesMax: 128 },
};

export interface Findings {
  readonly found: number;
  readonly expected: number;
  /** Whether the two agree as well as independent draws would. */
  readonly agrees: boolean;
  readonly text: string;
}

/** One run for each seed from 0 on. */
export function countFindings(rate: number, runs: number, steps: number): Findings {
  let found = 0;
  let expected = 0;
  let variance = 0;
  for (let seed = 0; seed < runs; seed++) {
    const chance = 1 - (1 - rate) ** wrongStepsOf(seed, steps);
    expected += chance;
    variance += chance * (1 - chance);
    if (hunt(seed, steps, rate).found) found++;
  }
  const agrees = Math.abs(found - expected) <= SIGMAS * Math.sqrt(variance) + 1;
  const text = `${found} of ${runs} found, ${expected.toFixed(1)} expected`;
  return { found, expected, agrees, text };
}

/** By run: how often the auditor would be lied to, were it not to find out. */
const told = new Map<string, number>();

function wrongStepsOf(seed: number, steps: number): number {
  const name = `${seed} ${steps}`;
  const known = told.get(name) ?? hunt(seed, steps, 0).wrongSteps;
  told.set(name, known);
  return known;
}

/** Whether the auditor finds the liar, and in how many steps it was lied to. */
function hunt(
  seed: number,
  steps: number,
  auditRate: number,
): { found: boolean; wrongSteps: number } {
  const scenario = { ...LIED_TO, seed, steps, auditRate };
  const lie = fault('lieSlice', 0, null, [LIAR], { factor: -1 });
  const { model } = tinyRun(scenario, 128);
  const wrong = new Set<number>();
  let found = false;
  const world = new World({
    ...{ scenario, schedule: [lie], model, core: [AUDITOR] },
    // The others look at nothing, so that the liar goes on until this one has found it.
    createActor: ({ audit, ...options }) =>
      new Actor(options.self === AUDITOR && audit ? { ...options, audit } : options),
    observers: [
      {
        handled({ node }, event, effects) {
          if (node.name !== AUDITOR) return;
          const isWord = event.kind === 'message' && event.from === LIAR;
          // What is found out is the last that counts.
          if (isWord && !found && event.message.kind === 'sum') {
            if (event.message.outcome === 'tensor') wrong.add(event.message.step);
          }
          found ||= effects.some(
            (effect) => effect.kind === 'log' && effect.text.startsWith(`${LIAR} is refused`),
          );
          if (found) world.halt();
        },
      },
    ],
  });
  world.run();
  return { found, wrongSteps: wrong.size };
}
