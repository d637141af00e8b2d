/** Which isogloss this is: its package, the commit it was made of, and the protocol it speaks. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { PROTOCOL_VERSION } from '../../protocol/index.ts';
import { InstallationError } from './errors.ts';

const packageSchema = z.object({ name: z.literal('isogloss'), version: z.string() });

/** Folders from this file up to the package's own; compiled, there is `dist` in between. */
const LEVELS_MAX = 4;

/** The folder that holds our package.json, examples and, compiled, dist. */
export const packageFolder = findPackageFolder();

export const packageVersion = packageSchema.parse(
  JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')),
).version;

function findPackageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level < LEVELS_MAX; level++, folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  throw new InstallationError('isogloss finds no package.json above itself. Install it again.');
}

/** The commit, from what the build wrote or from the checkout; `unknown` without either. */
export function commitText(): string {
  if (import.meta.url.endsWith('.js')) {
    const stamp = join(packageFolder, 'dist', 'commit.txt');
    return existsSync(stamp) ? readFileSync(stamp, 'utf8').trim() : 'unknown';
  }
  try {
    const options = { cwd: packageFolder, encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], options).trim();
  } catch {
    return 'unknown';
  }
}

export function versionText(): string {
  return `isogloss ${packageVersion} (commit ${commitText()}, protocol ${PROTOCOL_VERSION})`;
}

/** How a user of the checkout, or of the package, calls us. */
export function commandName(): string {
  return import.meta.url.endsWith('.ts') ? 'npm run -s isogloss --' : 'npx isogloss';
}
