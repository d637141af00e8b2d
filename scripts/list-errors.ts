/** Writes docs/errors.md: every error class of the package, by the sentences above it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';

interface ErrorClass {
  readonly name: string;
  readonly file: string;
  readonly doc: string;
  readonly exitCode: string;
}

const INTRODUCTION = `# Errors

What goes wrong has a name that stays the same from version to version, so that scripts may rely on
it. On the command line an error is one line: its name, where, what, and what to do. The exit code
is 2 where the command or the config can't be meant, else 1. All but AssertionError, which is a
mistake of ours, come from outside. \`npm run docs:errors\` writes this page.
`;

function errorsOf(file: string): ErrorClass[] {
  const tree = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const codes = new Map<string, string>();
  return tree.statements.filter(ts.isClassDeclaration).flatMap((declaration) => {
    const literal = (property: string) => initialText(declaration, property);
    const parent = declaration.heritageClauses?.[0]?.types[0]?.expression.getText() ?? '';
    const exitCode = literal('exitCode') ?? codes.get(parent) ?? '1';
    codes.set(declaration.name?.text ?? '', exitCode);
    const name = literal('name');
    if (name === undefined || !name.endsWith('Error')) return [];
    return [{ name, file, doc: docOf(declaration), exitCode }];
  });
}

/** The literal that a class gives a property, without quotes. */
function initialText(declaration: ts.ClassDeclaration, property: string): string | undefined {
  const member = declaration.members
    .filter(ts.isPropertyDeclaration)
    .find(({ name }) => name.getText() === property);
  return member?.initializer?.getText().replaceAll("'", '');
}

function docOf(declaration: ts.ClassDeclaration): string {
  const docs = ts.getJSDocCommentsAndTags(declaration);
  const text = docs.map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '').join('\n');
  return text.replace(/\s*\n\s*/g, ' ').trim();
}

/** Words in lines of at most 100 columns. */
function wrapped(text: string): string {
  return text.replace(/(?=.{101})(.{1,100})\s+/g, '$1\n');
}

const files = execFileSync('git', ['ls-files', 'protocol', 'node', 'sim'], { encoding: 'utf8' });
const errors = files
  .trim()
  .split('\n')
  .filter((file) => file.endsWith('.ts'))
  .flatMap(errorsOf)
  .sort((a, b) => (a.name < b.name ? -1 : 1));

const sections = errors.map(({ name, file, doc, exitCode }) => {
  const sentence = doc === '' ? '' : `${wrapped(doc)}\n\n`;
  return `### ${name}\n\n${sentence}Exit code ${exitCode}; from \`${file}\`.\n`;
});
writeFileSync('docs/errors.md', [INTRODUCTION, ...sections].join('\n'));
