/**
 * The package.json that is published differs from the checkout's in one thing: the GPU binding is
 * only an optional peer there, because `allowScripts` keeps its failing download away in the root
 * project alone. `strip` runs before packing, `restore` after it.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const MANIFEST = 'package.json';
/** The checkout's, while the published one stands in its place. */
const KEPT = '.cache/package.json';

/** Takes those optional dependencies out that are optional peers too. */
function published(text: string): string {
  const manifest = JSON.parse(text);
  for (const name of Object.keys(manifest.peerDependencies)) {
    delete manifest.optionalDependencies[name];
  }
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function isPublished(text: string): boolean {
  const { peerDependencies, optionalDependencies } = JSON.parse(text);
  return Object.keys(peerDependencies).every((name) => !(name in optionalDependencies));
}

function strip(): void {
  restore(); // what an interrupted packing left behind
  const text = readFileSync(MANIFEST, 'utf8');
  mkdirSync(dirname(KEPT), { recursive: true });
  writeFileSync(KEPT, text);
  writeFileSync(MANIFEST, published(text));
}

function restore(): void {
  if (!existsSync(KEPT)) return;
  const kept = readFileSync(KEPT, 'utf8');
  const present = readFileSync(MANIFEST, 'utf8');
  if (present === published(kept)) renameSync(KEPT, MANIFEST);
  else if (isPublished(present)) {
    throw new Error(`${MANIFEST} was edited while it was being packed; ${KEPT} is what it was`);
  } else rmSync(KEPT); // the checkout's is back in its place
}

/** Publishing a folder, npm would tell the registry of the checkout's package.json. */
function refuse(): never {
  throw new Error('publish the tarball: npm pack, npm run check:package, npm publish TARBALL');
}

const TASKS: Readonly<Record<string, () => void>> = { strip, restore, refuse };
const task = TASKS[process.argv[2] ?? ''];
if (task === undefined) throw new Error(`expected one of ${Object.keys(TASKS).join(', ')}`);
task();
