/**
 * The run goes on: the nodes that are left come to the last step within their time, because step 0
 * can always be reached.
 */
import type { Process } from '../process/index.ts';
import type { WorldEnd } from '../world.ts';
import { waitsForText } from './text.ts';
import type { CheckContext } from './types.ts';

/** Called once, with how the run ended. */
export function checkEnd(context: CheckContext, end: WorldEnd): void {
  const { world } = context;
  if (context.mode === 'misled') return;
  const running = world.nodes.flatMap((node) => (node.running === null ? [] : [node.running]));
  if (end === 'finished') {
    checkLastStep(
      context,
      running.filter(({ node }) => world.mustEnd(node)),
    );
    return;
  }
  if (end === 'halted') return;
  if (end === 'allGone') {
    // Beyond what is tolerated all may go; else somebody was to be left.
    if (context.mode === 'beyond') return;
    context.report('the run goes on', 'nobody is left of the nodes that were to end the run', {});
    return;
  }
  const late = running.filter(({ finishedAt, node }) => finishedAt === null && world.mustEnd(node));
  if (late.length > 0 && late.every((one) => waitsForText(world, one))) return;
  const [first] = late;
  const where = first === undefined ? {} : { running: first, step: first.step };
  const all = running.map((one) => standing(one)).join('; ');
  context.report('the run goes on', `${end}: ${all}`, where);
}

function standing({ node, step, finishedAt, lastWarning }: Process): string {
  const state = finishedAt === null ? `at ${step} "${lastWarning}"` : `finished at ${finishedAt}`;
  return `${node.name} ${state}`;
}

/** All at one step; that is the last one unless somebody's user asked for an earlier end. */
function checkLastStep(context: CheckContext, running: readonly Process[]): void {
  const { steps } = context.world.scenario;
  const isStopped = context.world.schedule.some(({ fault }) => fault === 'stop');
  const ends = new Set(running.map(({ finishedAt }) => finishedAt));
  const [only] = ends;
  // Who is cut off when somebody asks for an end can be past it by the time that it hears.
  if (isStopped || (ends.size === 1 && only === steps)) return;
  const text = `nodes ended at steps ${[...ends].join(', ')} of ${steps}`;
  context.report('all end at the last step', text);
}
