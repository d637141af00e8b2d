/** Asks a node on this machine to leave its run, and waits until it has. */
import { setTimeout as delay } from 'node:timers/promises';
import { type LeaveAnswer, leaveAnswerSchema } from './document.ts';
import { askNode } from './socket.ts';

const POLL_MS = 200;

/**
 * `socket` is where the node is asked; what it says is told through `told`, and again once it has
 * left. Whether it leaves, or undefined where it does not answer.
 */
export async function leaveRun(
  socket: string,
  told: (answer: LeaveAnswer) => void,
): Promise<boolean | undefined> {
  const answer = await askNode(socket, 'leave');
  if (answer.kind !== 'answer') return undefined;
  const parsed = leaveAnswerSchema.parse(JSON.parse(answer.text));
  told(parsed);
  if (parsed.stays !== null) return false;
  while (['answer', 'silent'].includes((await askNode(socket)).kind)) await delay(POLL_MS);
  return true;
}
