/** How the code reads: sizes, openings, what is left unsaid, and what the documents must name. */
import { execFileSync } from 'node:child_process';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import ts from 'typescript';
import {
  nodesOf,
  packaged,
  placeOf,
  readTracked,
  sources,
  tracked,
} from './helpers/source-files.ts';

const LINES_MAX = 300;
const FUNCTION_LINES_MAX = 70;
const COLUMNS_MAX = 100;
/** Shorter names of folders and machines are words of their own. */
const WORD_MIN = 5;

test('a file opens with what it is', (t) => {
  const silent = sources.filter(({ text }) => !/^(#!.*\n)?\/\*\*?[\s*]+\S/.test(text));
  t.deepEqual(
    silent.map(({ file }) => `${file}: begin with a sentence that says what it is`),
    [],
  );
});

test(`a file has at most ${LINES_MAX} lines of at most ${COLUMNS_MAX} columns`, (t) => {
  const found = sources.flatMap(({ file, text }) => {
    const lines = text.trimEnd().split('\n');
    const long = lines.length > LINES_MAX ? [`${file}: ${lines.length} lines, cut by ideas`] : [];
    const wide = lines.flatMap((line, index) => {
      const columns = [...line].length;
      return columns > COLUMNS_MAX ? [`${file}:${index + 1}: ${columns} columns`] : [];
    });
    return [...long, ...wide];
  });
  t.deepEqual(found, []);
});

test(`a function has at most ${FUNCTION_LINES_MAX} lines`, (t) => {
  const found = packaged.flatMap((source) =>
    nodesOf(source)
      .filter((node) => ts.isFunctionLike(node))
      .flatMap((node) => {
        const lines = node.getText().split('\n').length;
        return lines > FUNCTION_LINES_MAX ? [`${placeOf(source, node)}: ${lines} lines`] : [];
      }),
  );
  t.deepEqual(found, []);
});

test('nothing is put off, silenced or left out', (t) => {
  // In pieces, so that this file passes its own test.
  const words = ['TO' + 'DO', 'FIX' + 'ME', '@ts-' + 'ignore', '@ts-' + 'expect-error'];
  const found = sources.flatMap((source) => [
    ...words.filter((word) => source.text.includes(word)).map((word) => `${source.file}: ${word}`),
    ...nodesOf(source)
      .filter((node) => node.kind === ts.SyntaxKind.AnyKeyword || leavesOut(node))
      .map((node) => `${placeOf(source, node)}: ${node.getText().split('(')[0]}`),
  ]);
  t.deepEqual(found, []);
});

function leavesOut(node: ts.Node): boolean {
  if (!ts.isCallExpression(node)) return false;
  return /^test(\.serial)?\.(skip|only|todo|failing)$/.test(node.expression.getText());
}

test('what Node can only strip, not compile, is not used', (t) => {
  const found = sources.flatMap((source) =>
    nodesOf(source)
      .filter((node) => ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node))
      .map((node) => `${placeOf(source, node)}: enum or namespace`),
  );
  t.deepEqual(found, []);
});

test('docs/errors.md names every error class, and none that is gone', (t) => {
  const listed = [...readTracked('docs/errors.md').matchAll(/^### (\w+)$/gm)].map(
    (match) => match[1],
  );
  const declared = packaged.flatMap((source) => nodesOf(source).flatMap(errorName));
  t.deepEqual(listed.toSorted(), [...new Set(declared)].toSorted(), 'npm run docs:errors');
});

/** The name that a class of errors gives itself. */
function errorName(node: ts.Node): string[] {
  if (!ts.isPropertyDeclaration(node) || node.name.getText() !== 'name') return [];
  const value = node.initializer;
  return value && ts.isStringLiteral(value) && /Error$/.test(value.text) ? [value.text] : [];
}

test('no file names the machine that it was written on, or where packages came from', (t) => {
  const top = join(import.meta.dirname, '..');
  const registry = process.env['npm_config_registry'];
  const hosts = registry === undefined ? [] : [new URL(registry).host];
  const telling = [top, homedir(), hostname(), ...hosts].filter(({ length }) => length > WORD_MIN);
  const found = tracked
    .filter((file) => !/\.(safetensors|bin|onnx|png)$/.test(file))
    .flatMap((file) => {
      const text = readTracked(file);
      return telling.filter((word) => text.includes(word)).map((word) => `${file}: ${word}`);
    });
  t.deepEqual(found, []);
  // As committed: an installation may add to its own copy where its packages came from.
  const committed = ['show', 'HEAD:package-lock.json'];
  const lock = execFileSync('git', committed, { cwd: top, encoding: 'utf8', maxBuffer: 1 << 26 });
  t.notRegex(lock, /"resolved": "\w+:/, 'whatever registry installs it');
});
