/**
 * Nobody ends too early: whoever says that the run is over for it has heard from all who are alive
 * that they stand there too, and what it holds of the last step is on its disk.
 */
import type { Effect, Event } from '../../node/actor/index.ts';
import { listSteps } from '../disk/index.ts';
import type { Process } from '../process/index.ts';
import { wiped } from './storage.ts';
import type { CheckContext, Checker } from './types.ts';

type Finished = Extract<Effect, { kind: 'finished' }>;

export const nobodyEndsEarly: Checker = (context) => ({
  handled(running, event, effects) {
    const finished = effects.find((effect) => effect.kind === 'finished');
    if (finished?.kind !== 'finished' || running.node.isHarmed) return;
    checkOthers(context, running, finished, event);
    checkDisk(context, running, finished, event);
  },
});

function checkOthers(context: CheckContext, running: Process, end: Finished, event: Event): void {
  const { step } = end;
  const missing = running.actor.status?.others.find(
    (one) => one.alive && !one.finished && !(one.complete && one.step === step),
  );
  if (missing === undefined) return;
  const where = missing.step === null ? 'has not said a word' : `stands at step ${missing.step}`;
  const text = `${running.node.name} ends at step ${step} while ${missing.id} ${where}`;
  context.report('nobody ends too early', text, { running, event, step });
}

function checkDisk(context: CheckContext, running: Process, end: Finished, event: Event): void {
  const { node, actor } = running;
  const held = actor.status?.held ?? [];
  if (held.length === 0 || !node.disk.isHonest || wiped(context, node)) return;
  const { step, root } = end;
  if (step === 0) return;
  const isThere = listSteps(node.disk.durable).some((one) => {
    const isSame = one.step === step && one.root === root;
    return isSame && held.every((bucket) => one.buckets.includes(bucket));
  });
  if (isThere) return;
  const text = `${node.name} ends at step ${step}, and its disk lacks what it holds of it`;
  context.report('nobody ends too early', text, { running, event, step });
}
