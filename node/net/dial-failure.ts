/** What a failed dial of libp2p means, in words that name what to look at. */
import type { IsoglossError } from '../../protocol/errors.ts';
import { DialError, NetworkKeyError } from '../admission/index.ts';

const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'host name not found',
  ETIMEDOUT: 'no answer',
  ECONNRESET: 'closed during the handshake',
};

/** NetworkKeyError where a handshake failed, else DialError with each address's reason. */
export function dialFailure(addresses: readonly string[], cause: unknown): IsoglossError {
  const causes = cause instanceof AggregateError ? cause.errors : [cause];
  const reasons = causes.map((error) => reasonOf(error as Error));
  if (reasons.includes(HANDSHAKE)) return new NetworkKeyError(addresses.join(', '));
  return new DialError(addresses, [...new Set(reasons)].join('; '), { cause });
}

const HANDSHAKE = 'the handshake failed';

function reasonOf(error: Error): string {
  const { name, message } = error;
  const code = /\bE[A-Z]{4,}\b/.exec(
    `${(error as NodeJS.ErrnoException).code ?? ''} ${message}`,
  )?.[0];
  if (code !== undefined) return CODES[code] ?? code;
  if (/does not match expected/.test(message)) return 'another peer answers there';
  if (name === 'EncryptionFailedError') {
    // A listener that is closing, dies or has no room cuts the connection; that says nothing of its
    // key. Where the cut comes before the first byte libp2p has no reason to give.
    return /closed|reset|EOF|abort|ended|^Encryption failed$/i.test(message)
      ? 'closed during the handshake'
      : HANDSHAKE;
  }
  if (/Timeout|Abort/.test(name)) return 'no answer';
  return message;
}
