/** Files as bytes: hashed, and copied while they are hashed, a piece at a time. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const PIECE_BYTES = 2 ** 20;

/** What a file holds, without what it means. */
export interface FileDigest {
  readonly bytes: number;
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string;
}

/** Throws the file system's error if the file cannot be read. */
export async function digestFile(path: string): Promise<FileDigest> {
  return digestPieces(path, async () => {});
}

/** Copies to a new file, and syncs it. Fails if `target` exists. */
export async function copyFileSynced(source: string, target: string): Promise<FileDigest> {
  const handle = await open(target, 'wx');
  try {
    const digest = await digestPieces(source, async (piece) => {
      await handle.appendFile(piece);
    });
    await handle.sync();
    return digest;
  } finally {
    await handle.close();
  }
}

/** `use` has a piece to itself until its promise resolves. */
async function digestPieces(
  path: string,
  use: (piece: Uint8Array) => Promise<void>,
): Promise<FileDigest> {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(PIECE_BYTES);
  let bytes = 0;
  const handle = await open(path, 'r');
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES, bytes);
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
      const piece = buffer.subarray(0, bytesRead);
      hash.update(piece);
      await use(piece);
      bytes += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
