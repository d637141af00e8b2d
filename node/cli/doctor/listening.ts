/** What the doctor finds about the network: whether the config's addresses can be listened on. */

import { PROTOCOL_VERSION } from '../../../protocol/index.ts';
import { createIdentity, loadNetworkKey, openNetwork } from '../../net/index.ts';
import { packageVersion } from '../version.ts';
import { good, type Row } from './row.ts';

export interface ListenChoice {
  readonly listen: readonly string[];
  /** Absolute. */
  readonly keyPath: string | undefined;
}

/** Opens the network for a moment, under an identity that is written nowhere. */
export async function listenRows({ listen, keyPath }: ListenChoice): Promise<Row[]> {
  const network = await openNetwork({
    identity: await createIdentity(),
    listen,
    peers: [],
    networkKey: keyPath === undefined ? undefined : await loadNetworkKey(keyPath),
    hello: {
      protocolVersion: PROTOCOL_VERSION,
      packageVersion,
      runId: 'none',
      numericsClass: 'none',
      runParts: {},
      redundancy: 1,
      canaryHash: null,
      name: 'doctor',
    },
    log: { info: () => {}, warn: () => {} },
  });
  try {
    const addresses = network.addresses().map((address) => address.replace(/\/p2p\/.*$/, ''));
    const key = keyPath === undefined ? 'no network key: this machine only' : 'network key: read';
    return [good('listen', addresses.join(', ')), good('key', key)];
  } finally {
    await network.close();
  }
}
