/**
 * The entry of the `isogloss` command. From the checkout Node runs it as it is; in the package
 * bin/isogloss.js checks Node's version first and then comes here.
 */
import { countBuffersAsHeap } from '../threads/index.ts';
import { Terminal } from './output/index.ts';
import { runProgram } from './program.ts';

countBuffersAsHeap();
const { stdout, stderr, env, argv } = process;
const terminal = new Terminal({ stdout, stderr, env });
process.exitCode = await runProgram(argv.slice(2), {
  terminal,
  nowMs: () => performance.now(),
});
