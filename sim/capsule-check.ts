/** Whether a trial that somebody wrote can be run: its parts may each be right and not fit. */
import type { Trial } from './run.ts';
import { comersOf, type Fault } from './schedule/faults.ts';

interface Misfit {
  readonly path: string;
  readonly text: string;
}

/**
 * The first thing in a trial that does not fit the rest; null where all does. What a scenario says
 * of nodes and languages that shrinking took away is no misfit.
 */
export function misfitOf({ scenario, schedule, core }: Trial): Misfit | null {
  const { nodes, units } = scenario;
  const twice = nodes.find((name, i) => nodes.indexOf(name) !== i);
  if (twice !== undefined) return { path: 'scenario.nodes', text: `${twice} stands there twice` };
  const known = new Set([...nodes, ...comersOf(schedule)]);
  const strange = (names: readonly string[], path: string): Misfit | null => {
    const name = names.find((one) => !known.has(one));
    if (name === undefined) return null;
    return { path, text: `there is no node ${name}; there are ${[...known].join(', ')}` };
  };
  return (
    strange(core ?? [], 'core') ??
    firstOf(schedule, (fault, i) => {
      const path = `schedule.${i}`;
      return (
        strange(fault.nodes, `${path}.nodes`) ??
        strange(namesIn(fault), `${path}.args`) ??
        misfitOfLanguage(fault, units.length, path)
      );
    })
  );
}

function misfitOfLanguage(fault: Fault, languages: number, path: string): Misfit | null {
  if (!('language' in fault.args) || fault.args.language < languages) return null;
  const text = `there is no language ${fault.args.language}; there are ${languages}, from 0`;
  return { path: `${path}.args.language`, text };
}

/** Nodes that a fault names beside those that it befalls. */
function namesIn({ args }: Fault): readonly string[] {
  if ('peers' in args) return args.peers;
  return 'groups' in args ? args.groups.flat() : [];
}

function firstOf<T>(
  list: readonly T[],
  misfit: (one: T, i: number) => Misfit | null,
): Misfit | null {
  for (const [i, one] of list.entries()) {
    const found = misfit(one, i);
    if (found !== null) return found;
  }
  return null;
}
