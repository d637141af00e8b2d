/** Tests that take long or need a Python environment: `npm run test:long`. */
export default {
  extensions: { ts: 'module' },
  files: ['test/long/**/*.test.ts'],
  timeout: '20m',
  // The first file that needs the Python environment builds it for all.
  concurrency: 1,
  workerThreads: false,
};
