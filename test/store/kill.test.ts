/**
 * SIGKILL at random moments of a process that writes checkpoints: what remains is sound or told.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import {
  checkpointName,
  listCheckpoints,
  newestCheckpoint,
  openCheckpoint,
  readBuckets,
} from '../../node/store/index.ts';
import { IsoglossError } from '../../protocol/errors.ts';
import { createStream } from '../../protocol/random.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const KILLS = 20;
const SEED = 5;
/** About five checkpoints' time, so that a kill meets every part of the writing. */
const DELAY_MS_MAX = 150;

const WRITER = fileURLToPath(new URL('checkpoint-writer.ts', import.meta.url));

/** Steps that the writer said to be durable; −1: none. */
interface Told {
  shards: number;
  whole: number;
}

/** Lets the writer write from `firstStep` on, and kills it a while after its first checkpoint. */
async function writeAndKill(folder: string, firstStep: number, delayMs: number): Promise<Told> {
  const child = spawn(process.execPath, [WRITER, folder, `${firstStep}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: Told = { shards: -1, whole: -1 };
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const [what, step] = line.split(' ') as [keyof Told, string];
    told[what] = Number(step);
  });
  await Promise.race([once(lines, 'line'), once(child, 'exit')]);
  await sleep(delayMs);
  await kill(child);
  return told;
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

/** Opens and reads every checkpoint of a folder; gives the steps that are sound. */
async function soundSteps(t: ExecutionContext, folder: string): Promise<number[]> {
  const sound: number[] = [];
  for (const step of await listCheckpoints(folder)) {
    try {
      const checkpoint = await openCheckpoint(join(folder, checkpointName(step)));
      for await (const { hashes } of readBuckets(checkpoint)) t.truthy(hashes.published);
      sound.push(step);
    } catch (error) {
      t.true(error instanceof IsoglossError && /^Checkpoint/.test(error.name), String(error));
    }
  }
  return sound;
}

test(`after ${KILLS} kills (seed ${SEED}) checkpoints are sound or refused by name`, async (t) => {
  t.timeout(120_000);
  const folder = await temporaryFolder(t);
  const { nextFloat } = createStream('kill', SEED);
  let firstStep = 0;
  let halfWritten = 0;
  for (let round = 0; round < KILLS; round++) {
    const told = await writeAndKill(folder, firstStep, nextFloat() * DELAY_MS_MAX);
    t.true(told.shards >= firstStep, `round ${round}: the writer writes`);
    const where = `round ${round}, told ${JSON.stringify(told)}`;
    for (const node of ['kestrel', 'merlin']) {
      const sound = await soundSteps(t, join(folder, node));
      t.true(sound.includes(told.shards), `${where}: ${node} has ${sound}`);
    }
    const whole = await soundSteps(t, folder);
    if (told.whole >= 0) t.true(whole.includes(told.whole), `${where}: whole ${whole}`);
    const { checkpoint } = await newestCheckpoint(folder);
    t.true((checkpoint?.manifest.step ?? -1) >= told.whole, where);
    const names = await readdir(folder, { recursive: true });
    if (names.some((name) => name.endsWith('.partial'))) halfWritten++;
    firstStep = told.shards + 1;
  }
  t.true(halfWritten > 0, 'kills meet the writing');
  t.log(`${halfWritten} of ${KILLS} kills left something half-written`);
});
