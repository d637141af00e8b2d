/** Transformers opens what a run leaves, and computes the logits that our engine computes. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { loadConfig } from '../../node/cli/config/index.ts';
import { openJob, openRunCompute } from '../../node/cli/job/index.ts';
import { loadModelFolder } from '../../node/model/index.ts';
import { ensurePythonEnvironment, run } from '../../scripts/python-env.ts';
import { runCommand } from '../cli/command.ts';
import { allclose } from '../helpers/allclose.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/python/open_model.py', import.meta.url));

for (const place of ['model', 'checkpoint-3']) {
  test.serial(`Transformers computes our logits from a trained ${place}`, async (t) => {
    t.timeout(1_800_000, 'the first time the Python environment is built');
    const python = await ensurePythonEnvironment();
    const folder = await temporaryFolder(t);
    const { configPath } = await writeTinyRun(folder);
    const args = ['local', 'my.yaml', '--nodes', '2', '--out', 'out'];
    const { exitCode, stderr } = await runCommand(t, folder, ...args);
    t.is(exitCode, 0, stderr);

    const trained = join(folder, 'out', place);
    const job = await openJob(await loadConfig(configPath));
    const { values } = await loadModelFolder(trained);
    t.notDeepEqual(values, job.model.values, 'it was trained');
    const compute = await openRunCompute(job, 'onnx', 1);
    compute.setBuckets(
      job.layout.buckets.map(({ index, start, length }) => {
        return { bucket: index, values: values.slice(start, start + length) };
      }),
    );
    const unit = job.corpora[0]!.unit(0, 0);
    const logits = await compute.logits(unit);
    await compute.close();

    const { sequences, sequenceLength } = unit;
    const rows = Array.from({ length: sequences }, (_, row) => [
      ...unit.tokens.subarray(row * sequenceLength, (row + 1) * sequenceLength),
    ]);
    const [input, output] = [join(folder, 'input.json'), join(folder, 'output.json')];
    await writeFile(input, JSON.stringify({ tokens: rows, texts: {} }));
    await run(python, [SCRIPT, trained, input, output]);
    const answer = JSON.parse(await readFile(output, 'utf8')) as { logits: number[] };
    t.notThrows(() => allclose(logits, answer.logits, { rtol: 1e-4, atol: 1e-4 }));
    t.true(Math.max(...answer.logits) > 0.5, 'logits are not all near 0');
  });
}
