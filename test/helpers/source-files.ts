/**
 * The repository's own files as the tests of its rules read them: their text, imports and syntax.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

/** One import or re-export. */
export interface Import {
  /** As written, or for a file of ours its path from the top. */
  readonly target: string;
  readonly ours: boolean;
  /** What is taken by name; empty for a namespace. */
  readonly names: readonly string[];
}

export interface Source {
  /** From the top, with `/`. */
  readonly file: string;
  /** The room: `protocol`, `node/actor`, `sim`, `test`. */
  readonly folder: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

const TOP = join(import.meta.dirname, '..', '..');

/** What git knows and what it would take in, without what is gone. */
export const tracked: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard'],
  { cwd: TOP, encoding: 'utf8', maxBuffer: 1 << 26 },
)
  .trim()
  .split('\n')
  .filter((file) => existsSync(join(TOP, file)));

export function readTracked(file: string): string {
  return readFileSync(join(TOP, file), 'utf8');
}

/** Every TypeScript file, tests and scripts included. */
export const sources: readonly Source[] = tracked
  .filter((file) => file.endsWith('.ts'))
  .map((file) => {
    const text = readTracked(file);
    const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    return { file, folder: folderOf(file), text, tree, imports: importsOf(file, tree) };
  });

/** What the package is made of. */
export const packaged = sources.filter(({ file }) => /^(protocol|node|sim)\//.test(file));

export function folderOf(file: string): string {
  const [top = '', room = ''] = file.split('/');
  return top === 'node' && room !== 'index.ts' ? `${top}/${room}` : top;
}

/** Every node of a file's syntax, what contains before what is in it. */
export function nodesOf({ tree }: Pick<Source, 'tree'>): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return nodes;
}

/** `file:line` of a node. */
export function placeOf({ file, tree }: Source, node: ts.Node): string {
  return `${file}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

function importsOf(file: string, tree: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, names: readonly string[]) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const ours = specifier.text.startsWith('.');
    const target = ours ? normalize(join(dirname(file), specifier.text)) : specifier.text;
    found.push({ target: target.replaceAll('\\', '/'), ours, names });
  };
  for (const node of nodesOf({ tree })) {
    if (ts.isImportDeclaration(node)) {
      const bindings = node.importClause?.namedBindings;
      add(node.moduleSpecifier, bindings && ts.isNamedImports(bindings) ? nameList(bindings) : []);
    }
    if (ts.isExportDeclaration(node)) {
      const clause = node.exportClause;
      add(node.moduleSpecifier, clause && ts.isNamedExports(clause) ? nameList(clause) : []);
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, []);
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], []);
    }
  }
  return found;
}

function nameList(bindings: ts.NamedImports | ts.NamedExports): string[] {
  return bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
}
