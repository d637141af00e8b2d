/**
 * The package.json that is published differs from the checkout's in one thing: the GPU binding is
 * only an optional peer there, because `allowScripts` keeps its failing download away in the root
 * project alone. `strip` runs before packing, `restore` after it.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const MANIFEST = 'package.json';
const KEPT = '.cache/package.json';

/** Takes those optional dependencies out that are optional peers too. */
function published(text: string): string {
  const manifest = JSON.parse(text);
  for (const name of Object.keys(manifest.peerDependencies)) {
    delete manifest.optionalDependencies[name];
  }
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function restore(): void {
  if (existsSync(KEPT)) renameSync(KEPT, MANIFEST);
}

function strip(): void {
  restore(); // what an interrupted packing left behind
  const text = readFileSync(MANIFEST, 'utf8');
  mkdirSync(dirname(KEPT), { recursive: true });
  writeFileSync(KEPT, text);
  writeFileSync(MANIFEST, published(text));
}

const [, , task] = process.argv;
if (task === 'strip') strip();
else if (task === 'restore') restore();
else throw new Error(`expected strip or restore, not ${task}`);
