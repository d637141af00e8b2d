/** Key files: a node's identity, made on first use, and the network key that the user made. */
import { readFile, writeFile } from 'node:fs/promises';
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { KeyFileError } from './errors.ts';

/** A network key is this long; its file holds twice as many hex digits. */
export const NETWORK_KEY_BYTES = 32;

/** A new Ed25519 identity that is written nowhere. */
export async function createIdentity(): Promise<PrivateKey> {
  return await generateKeyPair('Ed25519');
}

/**
 * The identity in a file (base64 of libp2p's encoding), made if there is none; only the owner may
 * read it. Throws KeyFileError for a file that holds something else.
 */
export async function loadIdentity(path: string): Promise<PrivateKey> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new KeyFileError(`${path}: ${error.message}`, { cause: error });
  });
  if (text === null) {
    const identity = await createIdentity();
    const encoded = Buffer.from(privateKeyToProtobuf(identity)).toString('base64');
    await writeFile(path, `${encoded}\n`, { flag: 'wx', mode: 0o600 });
    return identity;
  }
  try {
    return privateKeyFromProtobuf(new Uint8Array(Buffer.from(text.trim(), 'base64')));
  } catch (cause) {
    throw new KeyFileError(`${path} holds no identity. Delete it, and the node makes a new one.`, {
      cause,
    });
  }
}

/** The key in a file of 64 hex digits. Throws KeyFileError, without the file's content. */
export async function loadNetworkKey(path: string): Promise<Uint8Array> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new KeyFileError(`${path}: the network key can't be read (${cause.code}).`, { cause });
  });
  const digits = text.trim();
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) {
    throw new KeyFileError(`${path}: expected 64 hex digits, found ${digits.length} characters.`);
  }
  return new Uint8Array(Buffer.from(digits, 'hex'));
}
