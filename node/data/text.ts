/**
 * One language's text: the files that a config names, in a fixed order, as documents with their
 * hash. Nothing is tokenised here.
 */
import { createHash } from 'node:crypto';
import { glob, readFile, stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { DataFileError } from './errors.ts';
import { formatOf, readRecords } from './records.ts';

/** A file is read as a whole; larger ones are to be split. */
const FILE_BYTES_MAX = 2 ** 30;

/** Named in a folder or by a pattern, these files are read. */
const FOLDER_PATTERN = '**/*.{txt,jsonl}';

/** One file of a text. */
export interface TextFile {
  /** As in the config: relative to the config's folder, with `/`. */
  readonly path: string;
  readonly documents: number;
  /** Of the file, line ends included. */
  readonly bytes: number;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
}

/** A language's documents. */
export interface LanguageText {
  /** Files in order, lines in order; at least one document. */
  readonly documents: readonly string[];
  /** UTF-8 bytes of all documents, without line ends. */
  readonly bytes: number;
  /** Records that held nothing but white space. */
  readonly empty: number;
  readonly files: readonly TextFile[];
  /**
   * SHA-256 of the documents in order, each preceded by its length: what the manifest holds. Paths,
   * line ends and the way in which the documents are spread over files don't enter it.
   */
  readonly hash: string;
}

/**
 * Reads what `source` names: a file, a folder, a glob pattern, or several of them, relative to
 * `folder`. Within a folder or pattern files are read in the order of their paths (by code unit).
 * Throws a DataFileError (missing, empty, named twice, unknown kind) or a DataRecordError (with
 * the line).
 */
export async function readText(
  source: string | readonly string[],
  folder = '.',
): Promise<LanguageText> {
  const names = typeof source === 'string' ? [source] : source;
  const paths = (await Promise.all(names.map((name) => expand(name, folder)))).flat();
  const known = new Set<string>();
  for (const path of paths) {
    if (known.has(path)) throw new DataFileError(path, 'named twice. Name it once.');
    known.add(path);
  }
  const documents: string[] = [];
  const files: TextFile[] = [];
  let empty = 0;
  for (const path of paths) {
    const { records, file } = await readOne(path, folder);
    for (const document of records.documents) documents.push(document);
    empty += records.empty;
    files.push(file);
  }
  const bytes = documents.reduce((sum, document) => sum + Buffer.byteLength(document), 0);
  return { documents, bytes, empty, files, hash: hashDocuments(documents) };
}

/** The hash of documents, see LanguageText. */
export function hashDocuments(documents: readonly string[]): string {
  const hash = createHash('sha256');
  for (const document of documents)
    hash.update(`${Buffer.byteLength(document)}\n`).update(document);
  return hash.digest('hex');
}

async function readOne(path: string, folder: string) {
  const format = formatOf(path);
  if (format === undefined) {
    throw new DataFileError(
      path,
      'not a kind of file that is read yet. Use .txt (a document a line) or .jsonl ({"text": …}).',
    );
  }
  const { size } = await stat(resolve(folder, path));
  if (size > FILE_BYTES_MAX) {
    throw new DataFileError(path, `${size} bytes, at most ${FILE_BYTES_MAX}. Split the file.`);
  }
  const content = await readFile(resolve(folder, path)).catch((cause: NodeJS.ErrnoException) => {
    throw new DataFileError(path, `cannot be read (${cause.code}).`, { cause });
  });
  const records = readRecords(content, format, path);
  if (records.documents.length === 0) {
    throw new DataFileError(path, 'empty: not one document. Fill the file, or name another one.');
  }
  const sha256 = createHash('sha256').update(content).digest('hex');
  const file = { path, documents: records.documents.length, bytes: content.length, sha256 };
  return { records, file };
}

/** The files behind one name of the config, as paths relative to `folder`. */
async function expand(name: string, folder: string): Promise<string[]> {
  const status = await stat(resolve(folder, name)).catch(() => undefined);
  if (status?.isFile()) return [shown(name, folder)];
  const pattern = status?.isDirectory() ? FOLDER_PATTERN : name;
  const cwd = status?.isDirectory() ? resolve(folder, name) : resolve(folder);
  if (status === undefined && !/[*?[{]/.test(name)) {
    throw new DataFileError(
      name,
      `no such file or folder in ${resolve(folder)}. Correct the path.`,
    );
  }
  const found: string[] = [];
  for await (const entry of glob(pattern, { cwd })) {
    const file = resolve(cwd, entry);
    // Links count as what they lead to: the Hub's cache is made of them.
    if ((await stat(file)).isFile()) found.push(shown(file, folder));
  }
  if (found.length === 0) {
    const what = status === undefined ? 'no file matches' : 'no .txt or .jsonl file in this folder';
    throw new DataFileError(name, `${what} (in ${resolve(folder)}). Correct the path.`);
  }
  return found.sort();
}

const shown = (path: string, folder: string) =>
  relative(resolve(folder), resolve(folder, path)).split(sep).join('/');
