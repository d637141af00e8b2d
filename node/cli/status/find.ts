/** Asks all nodes that keep their state below a run's folder on this machine. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { loadIdentity } from '../../net/index.ts';
import { BASELINE_FOLDER, IDENTITY_FILE, STATE_FOLDER } from '../places.ts';
import { type NodeStatus, nodeStatusSchema } from './document.ts';
import { type Answer, askNode, socketPath } from './socket.ts';

/** A node's folder whose process does not answer. */
export interface Unanswered {
  /** The folder's name, which is the node's if it has one. */
  readonly name: string;
  /** Null where the folder has no identity yet. */
  readonly peerId: string | null;
  readonly why: string;
}

export interface Asked {
  readonly answers: readonly NodeStatus[];
  readonly unanswered: readonly Unanswered[];
}

/** Those of the plain-mean run beside it are asked too. */
export async function askRun(run: string): Promise<Asked> {
  const answers: NodeStatus[] = [];
  const unanswered: Unanswered[] = [];
  const places = [run, join(run, BASELINE_FOLDER)].map((path) => join(path, STATE_FOLDER));
  const folders = (await Promise.all(places.map(foldersIn))).flat();
  await Promise.all(
    folders.map(async (folder) => {
      const answer = await askNode(await socketPath(folder));
      const status = parse(answer);
      if (status !== undefined) answers.push(status);
      const why = whyNot(answer, folder);
      if (status === undefined && why !== undefined) {
        unanswered.push({ name: basename(folder), peerId: await peerIdOf(folder), why });
      }
    }),
  );
  answers.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { answers, unanswered };
}

/** A node that answers, and where it is asked. */
export interface FoundNode {
  readonly name: string;
  readonly socket: string;
  /** What it said. */
  readonly status: NodeStatus;
}

/** Those that keep their state below the run's folder, by name; not of the run beside it. */
export async function findNodes(run: string): Promise<FoundNode[]> {
  const sockets = await Promise.all((await foldersIn(join(run, STATE_FOLDER))).map(socketPath));
  const found = await Promise.all(
    sockets.map(async (socket) => {
      const status = parse(await askNode(socket));
      return status === undefined ? [] : [{ name: status.name, socket, status }];
    }),
  );
  return found.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return folders.sort().map((name) => join(path, name));
}

function parse(answer: Answer): NodeStatus | undefined {
  if (answer.kind !== 'answer') return undefined;
  try {
    return nodeStatusSchema.safeParse(JSON.parse(answer.text)).data;
  } catch {
    return undefined;
  }
}

/** Undefined where there is no node, and none is missed. */
function whyNot(answer: Answer, folder: string): string | undefined {
  switch (answer.kind) {
    case 'nobody':
      return undefined;
    case 'stale':
      return `its process on this machine was killed; it goes on with --resume (${folder})`;
    case 'silent':
      return `its process on this machine does not answer: ${answer.why}`;
    case 'answer':
      return 'it is of another version of isogloss: ask it with that one';
  }
}

async function peerIdOf(folder: string): Promise<string | null> {
  const path = join(folder, IDENTITY_FILE);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  // Where there is none yet, one would be made.
  if (!isThere) return null;
  const identity = await loadIdentity(path).catch(() => null);
  return identity?.publicKey.toString() ?? null;
}
