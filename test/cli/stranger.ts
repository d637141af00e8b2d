/** A peer made of bare libp2p that has the network key and keeps to none of our rules. */
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { createIdentity } from '../../node/net/index.ts';
import { FrameDecoder } from '../../protocol/wire.ts';

const CONTROL = '/isogloss/control';
const LIMITS = { maxHeaderBytes: 65_536, maxPayloadBytes: 0 };

export interface Refused {
  /** What is heard before the node ends the connection: `NameOfError: message`. */
  readonly told: string;
  /** The end of the stranger's peer id, by which the node names it. */
  readonly label: string;
}

/**
 * Opens a control stream to the node at `address` (its peer id included), sends the bytes, and
 * waits until the node ends the connection.
 */
export async function sendBytes(
  address: string,
  networkKey: Uint8Array,
  chunks: readonly Uint8Array[],
): Promise<Refused> {
  const target = multiaddr(address);
  const stranger = await createLibp2p({
    privateKey: await identityBelow(/\/p2p\/(\w+)/.exec(address)?.[1] ?? ''),
    transports: [tcp()],
    connectionEncrypters: [noise({ prologueBytes: networkKey })],
    streamMuxers: [yamux({ streamOptions: { initialStreamWindowSize: 1024 * 1024 } })],
  });
  try {
    const connection = await stranger.dial(target);
    const closed = new Promise((resolve) => connection.addEventListener('close', resolve));
    const stream = await connection.newStream(CONTROL);
    for (const chunk of chunks) stream.send(chunk);
    const decoder = new FrameDecoder(LIMITS);
    let told = '';
    try {
      for await (const data of stream) {
        for (const { header } of decoder.push(data.subarray())) {
          const { kind, error, message } = header as Record<string, string>;
          if (kind === 'refuse') told = `${error}: ${message}`;
        }
      }
    } catch {
      // The node may reset the stream once it has said why.
    }
    await closed;
    return { told, label: stranger.peerId.toString().slice(-6) };
  } finally {
    await stranger.stop();
  }
}

/** An identity that sorts below the node's: the lower of two peer ids opens the streams. */
async function identityBelow(peerId: string) {
  for (;;) {
    const identity = await createIdentity();
    if (identity.publicKey.toString() < peerId) return identity;
  }
}
