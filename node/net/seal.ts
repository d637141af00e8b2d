/**
 * Signatures of what nodes claim, made with their identities: a peer id of libp2p holds the public
 * key (Ed25519), so that whoever knows the id can check what the peer signed.
 */
import type { Ed25519PrivateKey, PrivateKey, PublicKey } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { assert } from '../../protocol/assert.ts';
import type { Seal } from '../../protocol/claims.ts';

/** Peers whose keys are kept at hand. */
const KEYS_MAX = 4096;

/** The seal of a node with this identity, an Ed25519 key as key files hold. */
export function createSeal(identity: PrivateKey): Seal {
  assert(isEd25519(identity), 'an identity is an Ed25519 key');
  const keys = new Map<string, PublicKey | null>();
  const keyOf = (id: string): PublicKey | null => {
    const known = keys.get(id);
    if (known !== undefined) return known;
    if (keys.size >= KEYS_MAX) keys.clear();
    const key = publicKeyOf(id);
    keys.set(id, key);
    return key;
  };
  const encoder = new TextEncoder();
  return {
    sign: (text) => identity.sign(encoder.encode(text)) as Uint8Array,
    verify: (id, text, signature) => keyOf(id)?.verify(encoder.encode(text), signature) === true,
  };
}

function isEd25519(key: PrivateKey): key is Ed25519PrivateKey {
  return key.type === 'Ed25519';
}

/** Null for what is no peer id, or one that holds no Ed25519 key. */
function publicKeyOf(id: string): PublicKey | null {
  try {
    const { publicKey } = peerIdFromString(id);
    return publicKey?.type === 'Ed25519' ? publicKey : null;
  } catch {
    return null;
  }
}
