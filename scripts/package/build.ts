/**
 * Compiles what the package holds into dist/, from nothing, and writes there which commit it is of,
 * for `isogloss --version`; outside a git checkout there is none to write.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TSC = fileURLToPath(new URL('../bin/tsc', import.meta.resolve('typescript')));

rmSync('dist', { recursive: true, force: true });
const tsc = [TSC, '-p', 'scripts/package/tsconfig.json'];
const { status } = spawnSync(process.execPath, tsc, { stdio: 'inherit' });
if (status !== 0) process.exit(1); // tsc has said why
const commit = commitId();
if (commit !== undefined) writeFileSync('dist/commit.txt', `${commit}\n`);

function commitId(): string | undefined {
  try {
    const options = { encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], options).trim();
  } catch {
    return undefined;
  }
}
