/** What the doctor finds about the machine itself: versions, processor, memory, disk. */
import { statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { formatBytes } from '../output/index.ts';
import { versionText } from '../version.ts';
import { good, type Row } from './row.ts';

const NODE_MAJOR_MIN = 24;

export function versionRows(): Row[] {
  const { node } = process.versions;
  const ok = Number(node.split('.')[0]) >= NODE_MAJOR_MIN;
  const remedy = ok ? '' : `Install Node ${NODE_MAJOR_MIN} or later.`;
  const machine = `${process.platform}-${process.arch}, ${availableParallelism()} cores`;
  return [
    good('version', versionText()),
    { name: 'node', value: `${node}, ${machine}`, ok, remedy },
  ];
}

/** `needBytes`: 0 where no config says what is needed. */
export function memoryRow(needBytes: number): Row {
  const free = process.availableMemory();
  const ok = free >= needBytes;
  return {
    name: 'memory',
    value: `${formatBytes(free)} free${needText(needBytes, ' a node')}`,
    ok,
    remedy: ok ? '' : 'Free some, or lower data.unitSequences or model.sequenceLength.',
  };
}

/** Of the file system that `folder`, or the nearest folder above it that exists, is on. */
export async function diskRow(folder: string, needBytes: number): Promise<Row> {
  const { bavail, bsize } = await statfsAbove(resolve(folder));
  const free = bavail * bsize;
  const ok = free >= needBytes;
  return {
    name: 'disk',
    value: `${formatBytes(free)} free${needText(needBytes, ' for checkpoints')}`,
    ok,
    remedy: ok ? '' : 'Free some, or name another output.folder.',
  };
}

async function statfsAbove(folder: string): Promise<{ bavail: number; bsize: number }> {
  const parent = dirname(folder);
  try {
    return await statfs(folder);
  } catch (error) {
    if (parent === folder) throw error;
    return await statfsAbove(parent);
  }
}

const needText = (bytes: number, what: string) =>
  bytes === 0 ? '' : `, about ${formatBytes(bytes)} needed${what}`;
