/**
 * A virtual disk: files that are durable only once synced, names only once their folder is. What a
 * loss of power leaves, and what a worn disk does to bytes, is drawn by key.
 *
 * The model: every file has the bytes that readers see and those that are durable; every name has
 * the file that readers see and the one that is durable. A process that dies loses nothing that it
 * wrote; a machine that loses power loses whatever was not synced.
 */

import { IsoglossError } from '../../protocol/errors.ts';
import { type DrawKey, drawBelow, drawKey, drawShare } from '../core/draws.ts';

/** The virtual disk failed an operation. */
export class DiskError extends IsoglossError {
  override readonly name = 'DiskError';
  readonly code: 'EIO' | 'ENOSPC' | 'ENOENT';

  constructor(code: DiskError['code'], path: string) {
    super(`${code}: ${path}`);
    this.code = code;
  }
}

interface File {
  seen: Uint8Array;
  durable: Uint8Array | null;
}

/** Shares of operations that go wrong at the moment, and what is wrong on the whole. */
export interface DiskConditions {
  readErrors: number;
  writeErrors: number;
  shortReads: number;
  misdirected: number;
  isFull: boolean;
  tears: boolean;
  syncLies: boolean;
  losesRenames: boolean;
  slowFactor: number;
}

/** What reading a checkpoint needs of a disk. */
export interface ReadableDisk {
  list(): string[];
  read(path: string): Uint8Array;
}

export class Disk {
  readonly conditions: DiskConditions = {
    readErrors: 0,
    writeErrors: 0,
    shortReads: 0,
    misdirected: 0,
    isFull: false,
    tears: false,
    syncLies: false,
    losesRenames: false,
    slowFactor: 1,
  };
  /** Whether it ever did anything that a sound disk does not. */
  isHonest = true;
  #names = new Map<string, File>();
  #durableNames = new Map<string, File>();
  readonly #key: DrawKey;
  #operations = 0;

  constructor(seed: number, node: number) {
    this.#key = drawKey(seed, `disk ${node}`);
  }

  /** Paths that readers see, sorted. */
  list(): string[] {
    return [...this.#names.keys()].sort();
  }

  has(path: string): boolean {
    return this.#names.has(path);
  }

  /** Throws a DiskError. */
  write(path: string, bytes: Uint8Array): void {
    const { writeErrors, isFull, misdirected } = this.conditions;
    if (isFull) throw new DiskError('ENOSPC', path);
    if (this.#hits(writeErrors)) throw new DiskError('EIO', path);
    const others = [...this.#names.keys()].filter((other) => other !== path);
    if (others.length > 0 && this.#hits(misdirected)) {
      this.isHonest = false;
      const other = others[drawBelow(this.#key, others.length, this.#operations, 9)]!;
      const hit = this.#names.get(other)!;
      hit.seen = overwritten(hit.seen, bytes);
      this.#names.set(path, { seen: new Uint8Array(bytes.length), durable: null });
      return;
    }
    this.#names.set(path, { seen: bytes, durable: null });
  }

  /** Makes a file's bytes durable, and its name if it has been there. Throws a DiskError. */
  sync(path: string): void {
    const file = this.#fileAt(path);
    if (this.#hits(this.conditions.writeErrors)) throw new DiskError('EIO', path);
    if (this.conditions.syncLies) {
      this.isHonest = false;
      return;
    }
    file.durable = file.seen;
  }

  /** Makes the names in a folder durable. */
  syncFolder(folder: string): void {
    if (this.conditions.syncLies || this.conditions.losesRenames) {
      this.isHonest = false;
      return;
    }
    const isIn = (path: string) => path.startsWith(`${folder}/`) || folder === '';
    for (const path of this.#durableNames.keys()) {
      if (isIn(path) && !this.#names.has(path)) this.#durableNames.delete(path);
    }
    for (const [path, file] of this.#names) if (isIn(path)) this.#durableNames.set(path, file);
  }

  /** Renames a folder: all its files at once, as readers see it. */
  renameFolder(source: string, target: string): void {
    for (const [path, file] of [...this.#names]) {
      if (!path.startsWith(`${source}/`)) continue;
      this.#names.delete(path);
      this.#names.set(`${target}${path.slice(source.length)}`, file);
    }
  }

  removeFolder(folder: string): void {
    for (const path of [...this.#names.keys()]) {
      if (path.startsWith(`${folder}/`)) this.#names.delete(path);
    }
  }

  /** Throws a DiskError. */
  read(path: string): Uint8Array {
    const { seen } = this.#fileAt(path);
    const { readErrors, shortReads } = this.conditions;
    if (this.#hits(readErrors)) throw new DiskError('EIO', path);
    if (!this.#hits(shortReads)) return seen;
    return seen.subarray(0, drawBelow(this.#key, seen.length, this.#operations, 8));
  }

  /** The disk as it is, read without a fault and without a draw: for whoever watches. */
  get inspection(): ReadableDisk {
    return { list: () => this.list(), read: (path) => this.#fileAt(path).seen };
  }

  /** What a loss of power would leave by now, for whoever watches. */
  get durable(): ReadableDisk {
    return {
      list: () => [...this.#durableNames.keys()].sort(),
      read: (path) => {
        const bytes = this.#durableNames.get(path)?.durable;
        if (bytes == null) throw new DiskError('ENOENT', path);
        return bytes;
      },
    };
  }

  /** Power goes: what was not synced is lost, or torn. */
  losePower(): void {
    const { tears, syncLies, losesRenames } = this.conditions;
    const survives = new Map<string, File>();
    for (const [path, file] of this.#durableNames) survives.set(path, file);
    for (const file of new Set(survives.values())) {
      const kept = file.durable ?? new Uint8Array(0);
      const isTorn = tears && file.durable !== file.seen;
      file.seen = isTorn ? file.seen.slice(0, file.seen.length >> 1) : kept;
      file.durable = file.seen;
    }
    if (syncLies || losesRenames) this.isHonest = false;
    this.#names = survives;
    this.#durableNames = new Map(survives);
  }

  /** One bit flips in a share of the files. */
  rot(share: number): number {
    let hit = 0;
    this.list().forEach((path, i) => {
      const file = this.#names.get(path)!;
      const operation = ++this.#operations;
      if (file.seen.length === 0 || drawShare(this.#key, operation, i) >= share) return;
      const bit = drawBelow(this.#key, file.seen.length * 8, operation, i, 1);
      const bytes = file.seen.slice();
      bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7));
      file.seen = bytes;
      file.durable = bytes;
      hit++;
    });
    if (hit > 0) this.isHonest = false;
    return hit;
  }

  wipe(): void {
    this.#names.clear();
    this.#durableNames.clear();
  }

  #fileAt(path: string): File {
    const file = this.#names.get(path);
    if (file === undefined) throw new DiskError('ENOENT', path);
    return file;
  }

  #hits(share: number): boolean {
    this.#operations++;
    return share > 0 && drawShare(this.#key, this.#operations) < share;
  }
}

/** The bytes of a file after others were written over its beginning. */
function overwritten(bytes: Uint8Array, by: Uint8Array): Uint8Array {
  const result = bytes.slice();
  result.set(by.subarray(0, result.length));
  return result;
}
