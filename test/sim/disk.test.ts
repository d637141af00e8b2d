/** The virtual disk: what a crash, a loss of power and a worn disk leave of a checkpoint. */
import test from 'ava';
import {
  Disk,
  listSteps,
  prune,
  readCheckpoint,
  type StoredCheckpoint,
  writeOperations,
} from '../../sim/disk/index.ts';

const root = (step: number) => String(step).padStart(64, '0');

function checkpoint(step: number): StoredCheckpoint {
  const arrays = { published: Float32Array.of(step, 2, 3), optimizerScalars: Float64Array.of(0.5) };
  return {
    step,
    root: root(step),
    previousRoot: root(step - 1),
    buckets: new Map([[4, arrays]]),
  };
}

function write(disk: Disk, step: number, operations = Number.POSITIVE_INFINITY): void {
  for (const operation of writeOperations(disk, checkpoint(step)).slice(0, operations)) operation();
}

const COUNT = writeOperations(new Disk(1, 0), checkpoint(1)).length;

test('what was written is read back, and survives a loss of power', (t) => {
  const disk = new Disk(1, 0);
  write(disk, 2);
  disk.losePower();
  t.deepEqual(listSteps(disk), [{ step: 2, root: root(2), previousRoot: root(1), buckets: [4] }]);
  t.deepEqual(readCheckpoint(disk, 2).buckets.get(4), checkpoint(2).buckets.get(4));
  t.true(disk.isHonest);
});

test('power lost after any operation leaves the new checkpoint whole, or the old one', (t) => {
  for (const tears of [false, true]) {
    for (let done = 0; done <= COUNT; done++) {
      const disk = new Disk(1, 0);
      write(disk, 2);
      disk.conditions.tears = tears;
      write(disk, 3, done);
      disk.losePower();
      const steps = listSteps(disk).map(({ step }) => step);
      t.deepEqual(steps, done === COUNT ? [3, 2] : [2], `${done} operations, tears ${tears}`);
      for (const step of steps) t.is(readCheckpoint(disk, step).root, root(step));
    }
  }
});

test('a process that dies between two operations loses nothing that it wrote', (t) => {
  const disk = new Disk(1, 0);
  write(disk, 2, COUNT - 1);
  t.is(listSteps(disk).length, 1);
});

test('a disk that lies about its syncs loses the checkpoint, and is known to have lied', (t) => {
  const disk = new Disk(1, 0);
  disk.conditions.syncLies = true;
  write(disk, 2);
  disk.losePower();
  t.deepEqual(listSteps(disk), []);
  t.false(disk.isHonest);
});

test('rot, short reads and misdirected writes are refused by their hashes', (t) => {
  for (let seed = 0; seed < 40; seed++) {
    const disk = new Disk(seed, 0);
    write(disk, 2);
    disk.rot(1);
    t.throws(() => readCheckpoint(disk, 2), { name: 'StoredCheckpointError' });
    const short = new Disk(seed, 0);
    write(short, 2);
    short.conditions.shortReads = 1;
    t.throws(() => readCheckpoint(short, 2), { name: 'StoredCheckpointError' });
    const misdirected = new Disk(seed, 0);
    write(misdirected, 2);
    misdirected.conditions.misdirected = 1;
    write(misdirected, 3);
    t.throws(() => readCheckpoint(misdirected, 3));
  }
});

test('errors are typed, and say which operation failed', (t) => {
  const disk = new Disk(1, 0);
  disk.conditions.writeErrors = 1;
  t.throws(() => write(disk, 2), { name: 'DiskError', message: /EIO/ });
  disk.conditions.writeErrors = 0;
  disk.conditions.isFull = true;
  t.throws(() => write(disk, 2), { name: 'DiskError', message: /ENOSPC/ });
  t.throws(() => readCheckpoint(disk, 2), { name: 'DiskError', message: /ENOENT/ });
});

test('old checkpoints go, but never the newest two, nor one that others need', (t) => {
  const disk = new Disk(1, 0);
  for (const step of [1, 2, 3, 4]) write(disk, step);
  t.deepEqual(prune(disk, 2), [1]);
  t.deepEqual(prune(disk, 9), [2]);
  t.deepEqual(
    listSteps(disk).map(({ step }) => step),
    [4, 3],
  );
});
