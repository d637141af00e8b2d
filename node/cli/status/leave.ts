/** Asks a node on this machine to leave its run, and waits until it has. */
import { setTimeout as delay } from 'node:timers/promises';
import { type LeaveAnswer, leaveAnswerSchema } from './document.ts';
import { askNode } from './socket.ts';

const POLL_MS = 200;

/**
 * What comes of it: it has left, or says why it stays; or it had `ended` before it could be asked;
 * or it is there and says nothing.
 */
export type Leaving = 'left' | 'stays' | 'ended' | 'silent';

/**
 * `socket` is where the node is asked; what it says is told through `told`.
 */
export async function leaveRun(
  socket: string,
  told: (answer: LeaveAnswer) => void,
): Promise<Leaving> {
  const answer = await askNode(socket, 'leave');
  if (answer.kind === 'answer') {
    const parsed = leaveAnswerSchema.parse(JSON.parse(answer.text));
    told(parsed);
    if (parsed.stays !== null) return 'stays';
    while (await isThere(socket)) await delay(POLL_MS);
    return 'left';
  }
  // One that ends just now hangs up first.
  if (answer.kind === 'silent') await delay(POLL_MS);
  return (await isThere(socket)) ? 'silent' : 'ended';
}

async function isThere(socket: string): Promise<boolean> {
  return ['answer', 'silent'].includes((await askNode(socket)).kind);
}
