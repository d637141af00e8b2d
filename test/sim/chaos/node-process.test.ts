/** A node's process under the signals of chaos: what stops it, and when it goes on. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { NodeProcess } from '../../../sim/chaos/node-process.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const LOOK_EVERY_MS = 5;

/** Resolves when the system says so of the process: `T` is stopped. */
async function until(pid: number, holds: (state: string) => boolean): Promise<void> {
  while (!holds(await stateOf(pid))) await delay(LOOK_EVERY_MS);
}

async function stateOf(pid: number): Promise<string> {
  return /\) (\w) /.exec(await readFile(`/proc/${pid}/stat`, 'utf8'))![1]!;
}

const hasProc = process.platform === 'linux';

(hasProc ? test : test.skip)('a node goes on when nothing holds it any more', async (t) => {
  const folder = await temporaryFolder(t);
  const place = {
    ...{ name: 'kestrel', folder, own: folder },
    command: [process.execPath, '-e', 'console.error("here"); setInterval(() => {}, 1000)'],
    logs: { lines: join(folder, 'lines'), notes: join(folder, 'notes') },
  };
  const said: string[] = [];
  const ignore = () => {};
  const node = new NodeProcess(place, {
    line: ignore,
    said: (name, life, line) => said.push(`${name} ${life} ${line}`),
    ended: ignore,
  });
  await node.start([]);
  t.teardown(async () => {
    await node.kill();
    await node.close();
  });
  const pid = node.pid!;
  const [pauseEnds, slowEnds] = [node.pause(), node.pause()];
  await until(pid, (state) => state === 'T');
  slowEnds();
  slowEnds();
  await delay(50);
  t.is(await stateOf(pid), 'T');
  pauseEnds();
  await until(pid, (state) => state !== 'T');
  const old = node.pause();
  await node.kill();
  await node.start([]);
  node.pause();
  old();
  await until(node.pid!, (state) => state === 'T');
  await delay(50);
  t.is(await stateOf(node.pid!), 'T', 'what held an earlier life wakes no later one');
  node.resume();
  await until(node.pid!, (state) => state !== 'T');
  while (said.length === 0) await delay(LOOK_EVERY_MS);
  t.is(said[0], 'kestrel 2 here');
});
