/**
 * How a running node is asked: a local socket in its folder (a named pipe on Windows), which takes
 * one word in a line, and gives one JSON document. Only this machine's user reaches it.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeFolderInUseError } from '../errors.ts';

const SOCKET_FILE = 'status.sock';
/** The system's limit is 104 bytes or a little more; longer paths go to the temporary folder. */
const PATH_BYTES_MAX = 100;
/** Who is asked answers within milliseconds unless it is stopped. */
const ANSWER_MS_MAX = 2_000;
/** No document comes near to this. */
const ANSWER_BYTES_MAX = 64 * 2 ** 20;
/** Longer than any word, and its line's end. */
const WORD_BYTES_MAX = 16;
/** People who look at the same time. */
const CONNECTIONS_MAX = 16;

/** Where the node of a folder is asked; the folder must be there. */
export async function socketPath(folder: string): Promise<string> {
  const real = await realpath(folder);
  const short = createHash('sha256').update(real).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\isogloss-${short}`;
  const path = join(real, SOCKET_FILE);
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return path;
  return join(tmpdir(), `isogloss-${short}.sock`);
}

/** `leave` asks the node to go; `status` only looks. */
export type AskedWord = 'status' | 'leave';

export interface StatusServer {
  close(): Promise<void>;
}

/**
 * Answers with what `answer` gives, until it is closed or the process ends; what a killed process
 * left is taken over. Where there can be no socket, `note` is told and the node goes on without.
 * Throws a NodeFolderInUseError where another node answers.
 */
export async function serveStatus(
  folder: string,
  answer: (word: AskedWord) => object,
  note: (text: string) => void,
): Promise<StatusServer> {
  const path = await socketPath(folder);
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy());
    let heard = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      if (socket.writableEnded) return;
      heard += text;
      const [word, ...rest] = heard.split('\n');
      if (rest.length > 0) socket.end(JSON.stringify(answer(word === 'leave' ? word : 'status')));
      else if (heard.length > WORD_BYTES_MAX) socket.destroy();
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  const problem = await listen(server, path, folder);
  if (problem !== undefined) {
    note(`isogloss status can't ask this node: ${path}: ${problem}`);
    return { close: async () => {} };
  }
  // A node that serves its status may end all the same.
  server.unref();
  const remove = () => rmSync(path, { force: true });
  if (process.platform !== 'win32') process.once('exit', remove);
  return {
    close: () =>
      new Promise((resolve) => {
        process.off('exit', remove);
        server.close(() => resolve());
      }),
  };
}

/** Undefined once it listens; else why it can't. */
async function listen(server: Server, path: string, folder: string): Promise<string | undefined> {
  const first = await tryListen(server, path);
  if (first !== 'EADDRINUSE') return first;
  const there = await askNode(path);
  if (there.kind !== 'stale' && there.kind !== 'nobody') throw new NodeFolderInUseError(folder);
  rmSync(path, { force: true });
  return await tryListen(server, path);
}

function tryListen(server: Server, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
    server.once('error', onError);
    server.listen(path, () => {
      server.off('error', onError);
      server.on('error', () => {});
      resolve(undefined);
    });
  });
}

/** What comes of asking at a socket. */
export type Answer =
  | { readonly kind: 'answer'; readonly text: string }
  /** No node has been here, or it took leave. */
  | { readonly kind: 'nobody' }
  /** Its process was killed: the socket is there and nobody at it. */
  | { readonly kind: 'stale' }
  /** There is somebody who says nothing. */
  | { readonly kind: 'silent'; readonly why: string };

export function askNode(path: string, word: AskedWord = 'status'): Promise<Answer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const socket = createConnection(path, () => socket.write(`${word}\n`));
    const end = (answer: Answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_MS_MAX, () => {
      end({ kind: 'silent', why: `no answer in ${ANSWER_MS_MAX / 1000} s: stopped or very busy` });
    });
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES_MAX) end({ kind: 'silent', why: 'it says too much' });
    });
    socket.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      end(text === '' ? { kind: 'silent', why: 'it hung up' } : { kind: 'answer', text });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => end(answerOf(error)));
  });
}

function answerOf({ code, message }: NodeJS.ErrnoException): Answer {
  if (code === 'ENOENT') return { kind: 'nobody' };
  if (code === 'ECONNREFUSED') return { kind: 'stale' };
  return { kind: 'silent', why: code ?? message };
}
