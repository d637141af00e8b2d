/** Text that only some nodes have: nobody else computes its units, and who waits for it says so. */
import type { Process } from '../process/index.ts';
import type { World } from '../world.ts';
import type { Checker } from './types.ts';

export const textStays: Checker = (context) => ({
  handled(running, event, effects) {
    for (const effect of effects) {
      if (effect.kind !== 'compute' || !running.lacks.includes(effect.language)) continue;
      const { step, language, unit } = effect;
      const text = `${running.node.name} computes unit ${unit} of language ${language}, whose text`;
      context.report('text stays where it is', `${text} it does not have`, {
        running,
        step,
        event,
      });
    }
  },
});

/** What a node says that waits for text; the simulator's languages are named by number. */
const WAITS = /nobody who is here has the text of language-(\d+),/;

/**
 * Whether a node has a legal reason to stand still: it says for whose text it waits, and nobody
 * who is well has it.
 */
export function waitsForText(world: World, { lastWarning }: Process): boolean {
  const match = WAITS.exec(lastWarning);
  if (match === null) return false;
  const language = Number(match[1]);
  return world.nodes.every(
    (node) =>
      node.running === null || !world.mustEnd(node) || node.running.lacks.includes(language),
  );
}
