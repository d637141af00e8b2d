/** `isogloss node`: one node of a run, in this process, started by hand. */
import { readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { paramsHashOf } from '../../model/index.ts';
import { loadNetworkKey } from '../../net/index.ts';
import { checkpointName } from '../../store/index.ts';
import type { NodeOptions } from '../commands/node.ts';
import { loadConfig } from '../config/index.ts';
import type { CommandAction, CommandContext } from '../context.ts';
import { PathError } from '../errors.ts';
import { Interrupts, STOPPED, STOPPING } from '../interrupts.ts';
import {
  Assembly,
  chooseRunFolder,
  type Job,
  type MemberHost,
  type MemberResult,
  openJob,
  openScorer,
  RunRecord,
  runMember,
  type Scorer,
} from '../job/index.ts';
import { Reporter } from '../output/index.ts';
import { MODEL_FOLDER, RESOLVED_CONFIG, STATE_FOLDER } from '../places.ts';
import { commandName } from '../version.ts';
import { ownCheckpoints } from './own-checkpoint.ts';

/** Below state/, where no name is configured. */
const OWN_FOLDER = 'node';

/** Another node's user asked for the end. */
const STOPPED_BY_PEER = 1;

/** Base58 or base32, as libp2p writes it. */
const PEER_ID = /^[1-9A-HJ-NP-Za-km-z]{46,64}$/;

export const runNode: CommandAction<NodeOptions> = async (options, context) => {
  endWithParent();
  const loaded = await loadConfig(options.configPath, options.overrides);
  const { name } = loaded.config.network;
  const job = await openJob(loaded, { name });
  // Before anything is written that a corrected command would stumble over.
  const admitted = await admission(job);
  const folder = await chooseRunFolder(loaded, options.resume);
  const { terminal, nowMs } = context;
  const reporter = new Reporter({ terminal, json: options.json, nowMs });
  const interrupts = new Interrupts((isFirst) => reporter.note(isFirst ? STOPPING : STOPPED));
  reporter.note('scoring the base model');
  const scorer = await openScorer(job, options.engine, availableParallelism());
  const parts = { options, context, reporter, interrupts, job, folder, scorer };
  const life = { ...parts, admitted, began: false };
  try {
    return await live(life);
  } catch (error) {
    if (!life.began) await forget(life);
    if (interrupts.exitCode === null) throw error;
    reporter.ended('stopped before the run had begun; nothing is lost');
    return interrupts.exitCode;
  } finally {
    interrupts.close();
    await scorer.close();
  }
};

/** A node that another program of ours started ends with it, even if that was killed. */
function endWithParent(): void {
  if (!process.connected) return;
  process.once('disconnect', () => process.exit(1));
  // Listening alone would keep the process from ending of itself.
  process.channel?.unref();
}

interface Life {
  readonly options: NodeOptions;
  readonly context: CommandContext;
  readonly reporter: Reporter;
  readonly interrupts: Interrupts;
  readonly job: Job;
  /** Of the run, absolute. */
  readonly folder: string;
  readonly scorer: Scorer;
  readonly admitted: Admitted;
  /** The run has begun here. */
  began: boolean;
}

/**
 * Of a start that came to nothing, a node that was refused, nothing stays. But where there is a
 * list of who may come, the identity that it made is one that others are asked to put on theirs.
 */
async function forget({ options, job, folder }: Life): Promise<void> {
  if (options.resume !== false || job.config.network.allow !== undefined) return;
  await rm(folder, { recursive: true, force: true });
}

async function live(life: Life): Promise<number> {
  const { options, context, reporter, interrupts, job, folder, scorer, admitted } = life;
  const { network } = job.config;
  const own = join(folder, STATE_FOLDER, network.name ?? OWN_FOLDER);
  const { numericsClass } = scorer.compute;
  const places = { folder, own, numericsClass };
  const checkpoints = await ownCheckpoints(job, options.resume, places, (text) =>
    reporter.note(text),
  );
  const before = await scorer.score(job.model.values);
  reporter.evaluation({ part: 'main', step: 0, languages: before });
  const record = new RunRecord({
    ...{ part: 'main', job, folder, reporter, scorer, before },
    threadsPerNode: availableParallelism(),
    nowMs: context.nowMs,
  });
  await record.begin(Math.max(0, ...checkpoints.map(({ manifest }) => manifest.step)));
  const { host, facts, idle } = hostOf(life, record);
  const member = {
    ...{ job, folder: own, ...admitted, checkpoints, compute: scorer.compute },
    name: network.name,
    listen: network.listen,
    announce: network.announce,
    peers: options.peers,
    nodes: options.nodes,
  };
  const result = await runMember(member, host, interrupts.signal);
  await record.written();
  await idle();
  return await conclude(life, record, result, facts());
}

/** Tells the terminal what the node says. */
function hostOf(life: Life, record: RunRecord) {
  const { options, reporter, job, folder } = life;
  let self = { name: '', peerId: '' };
  const assembly = new Assembly({
    ...{ job, folder, checkpoint: undefined },
    note: (text) => reporter.note(text),
  });
  const host: MemberHost = {
    listening({ name, peerId, addresses }) {
      self = { name, peerId };
      for (const address of addresses) reporter.note(`${name} listens on ${address}`);
      if (options.nodes === 1) return;
      const [address = 'ADDRESS'] = job.config.network.announce ?? addresses;
      const flags = `--nodes ${options.nodes} --peer ${address}${sharedFlags(options)}`;
      reporter.note(`the others: ${commandName()} node ${options.configPath} ${flags}`);
    },
    started(others, { buckets, units }) {
      life.began = true;
      const own = { ...self, pid: process.pid, buckets, unitsPerStep: units };
      record.started([own, ...others.map(({ name, peerId }) => ({ name, peerId }))]);
    },
    stepped: (step, share) => record.stepped(step, share.bytesSent),
    checkpointed(step, path, buckets) {
      // A node that is alone holds everything: its part is the whole.
      if (options.nodes === 1) assembly.add(step, path, buckets);
    },
    note: (text) => reporter.note(text),
    leaving: () => reporter.note('leaving: others take over what this node holds, and go on'),
    ...(options.json ? { event: (event) => reporter.event(event) } : {}),
  };
  return { host, facts: () => self, idle: () => assembly.idle() };
}

/** Of `network`, what has to be the same on all nodes. */
const SHARED_NETWORK = ['keyFile', 'redundancy'];

/** Flags that every node must be given: what changes what the run is, and how they meet. */
function sharedFlags({ overrides }: NodeOptions): string {
  return overrides
    .filter(({ path: [first, second = ''] }) => {
      return first === 'network' ? SHARED_NETWORK.includes(String(second)) : first !== 'output';
    })
    .map(({ path, value }) => ` --set ${path.join('.')}=${JSON.stringify(value)}`)
    .join('');
}

/** Who may come. */
interface Admitted {
  readonly networkKey: Uint8Array | undefined;
  readonly allow: readonly string[] | undefined;
}

/** The network key and the list of who may come, from the files that the config names. */
async function admission({ config, loaded }: Job): Promise<Admitted> {
  const { keyFile, allow } = config.network;
  const inFolder = (path: string) => resolve(loaded.folder, path);
  return {
    networkKey: keyFile === undefined ? undefined : await loadNetworkKey(inFolder(keyFile)),
    allow: allow === undefined ? undefined : await readPeerIds(inFolder(allow)),
  };
}

async function readPeerIds(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new PathError(path, `can't be read (${cause.code}). Correct network.allow.`);
  });
  const lines = text.split('\n').map((line) => line.trim());
  const ids = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const wrong = ids.find((id) => !PEER_ID.test(id));
  if (wrong !== undefined) {
    const line = lines.indexOf(wrong) + 1;
    throw new PathError(`${path}:${line}`, `"${wrong}" is no peer id such as 12D3Koo…`);
  }
  return ids;
}

async function conclude(
  { options, reporter, interrupts, job, folder }: Life,
  record: RunRecord,
  { step, stopped, left, endedBy, parameters, share }: MemberResult,
  { name, peerId }: { readonly name: string; readonly peerId: string },
): Promise<number> {
  const place = relative('.', folder) || '.';
  if (stopped) {
    const nodes = `--nodes ${options.nodes}`;
    const config = join(place, RESOLVED_CONFIG);
    const peers = options.peers.map((address) => ` --peer ${address}`).join('');
    const again = `node ${config} ${nodes}${peers} --out ${place} --resume`;
    const what = left ? 'left at step' : 'stopped after step';
    const by = endedBy === null ? '' : `, told by ${endedBy}`;
    const then = left ? 'the others go on; come back with' : 'go on with';
    reporter.ended(`${what} ${step}${by}; ${then}: ${commandName()} ${again}`);
    if (left) return 0;
    return interrupts.exitCode ?? STOPPED_BY_PEER;
  }
  const values = new Float32Array(job.layout.totalLength);
  for (const [bucket, published] of parameters.entries()) {
    values.set(published, job.layout.buckets[bucket]!.start);
  }
  const { bytesSent, bytesReceived } = share;
  reporter.note('scoring the result');
  const report = await record.conclude({
    values,
    paramsHash: paramsHashOf(parameters),
    nodes: [{ name, peerId, bytesSent, bytesReceived }],
  });
  const entries = ['report.json', `${MODEL_FOLDER}/`];
  if (options.nodes === 1) entries.push(`${checkpointName(step)}/`);
  reporter.report(report, { folder: place, entries });
  return 0;
}
