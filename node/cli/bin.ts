#!/usr/bin/env node
/**
 * What the package's `isogloss` command runs. Compiled, it must be readable to any Node that knows
 * modules: it imports nothing before it has seen that this Node is new enough for the rest.
 */
const NODE_MAJOR_MIN = 24;

if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR_MIN) {
  process.stderr.write(
    `isogloss needs Node ${NODE_MAJOR_MIN} or later, and this is ${process.version} ` +
      `(${process.execPath}). Without changing it: npm install node@${NODE_MAJOR_MIN}, ` +
      'then npx isogloss.\n',
  );
  process.exitCode = 1;
} else {
  // What Node has compiled once it keeps: half of a start's time would go into it.
  import('node:module').then(({ enableCompileCache }) => {
    const { directory } = enableCompileCache();
    // For threads and child processes.
    if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] ??= directory;
    return import('./main.ts');
  });
}

export {};
