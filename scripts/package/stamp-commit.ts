/** Writes the commit that dist/ is compiled from into it, for `isogloss --version`. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const commit = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' });
writeFileSync('dist/commit.txt', commit);
