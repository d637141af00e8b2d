/** What a run must be, whatever happens to its nodes: the oracle's, with the same engine. */
import { availableParallelism } from 'node:os';
import type { Expected } from '../../../sim/chaos/index.ts';
import { runOracle } from '../../../sim/index.ts';
import type { EngineName } from '../../compute/index.ts';
import { paramsHashOf } from '../../model/index.ts';
import { type Job, openRunCompute, oracleRunOf } from '../job/index.ts';

/** Computes the whole run in this process. */
export async function expectedOf(job: Job, engine: EngineName | undefined): Promise<Expected> {
  const { manifest } = job;
  const compute = await openRunCompute(job, engine, availableParallelism());
  try {
    const { steps, parameters } = await runOracle(oracleRunOf(job, compute));
    return {
      roots: steps.map(({ root }) => root),
      losses: steps.map(({ losses }) =>
        Object.fromEntries(
          losses.map((loss, l) => [manifest.languages[l]!.id, Number.isNaN(loss) ? null : loss]),
        ),
      ),
      paramsHash: paramsHashOf([parameters]),
      unitsPerStep: manifest.languages.reduce((sum, { unitsPerStep }) => sum + unitsPerStep, 0),
    };
  } finally {
    await compute.close();
  }
}
