/** Multiaddrs as far as this layer reads them: which are TCP, which loopback, whose they are. */
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { AddressError } from './errors.ts';

const HOSTS = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6']);

/** Parses `/ip4|ip6|dns…/HOST/tcp/PORT[/p2p/PEER]`; throws AddressError for all else. */
export function parseAddress(text: string): Multiaddr {
  let parsed: Multiaddr;
  try {
    parsed = multiaddr(text);
  } catch {
    throw new AddressError(text);
  }
  const names = parsed.getComponents().map(({ name }) => name);
  const [host = '', transport, peer, ...rest] = names;
  const fits =
    HOSTS.has(host) && transport === 'tcp' && (peer ?? 'p2p') === 'p2p' && rest.length === 0;
  if (!fits) throw new AddressError(text);
  return parsed;
}

/** The peer id at the end of an address, if there is one. */
export function peerIdOf(address: Multiaddr): string | undefined {
  return address.getComponents().find(({ name }) => name === 'p2p')?.value;
}

/** Whether only this machine can reach an address. */
export function isLoopback(address: Multiaddr): boolean {
  const { name, value = '' } = address.getComponents()[0] ?? { name: '' };
  if (name === 'ip4') return value.startsWith('127.');
  if (name === 'ip6') return value === '::1';
  return value === 'localhost';
}

/** The addresses that can be dialled, of those that a peer named; the others are passed over. */
export function dialableAddresses(texts: readonly string[]): Multiaddr[] {
  return texts.flatMap((text) => {
    try {
      return [parseAddress(text)];
    } catch {
      return [];
    }
  });
}
