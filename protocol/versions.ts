/** Of what a message is a newer version: to a slow peer only the newest is worth its bytes. */
import type { Message } from './messages.ts';

/** One of several messages of which a later one makes the earlier ones stale. */
export interface Version {
  /** The same for all versions. */
  readonly of: string;
  /** Newer ones have larger numbers. */
  readonly number: number;
}

/**
 * An update is a version of its bucket's parameters: who is far behind is complete with the newest
 * alone, and who is one step behind has to want the one before it. Null for what no later message
 * makes stale.
 */
export function versionOf(message: Message): Version | null {
  if (message.kind !== 'update' || message.outcome === 'kept') return null;
  return { of: `bucket ${message.bucket}`, number: message.step };
}
