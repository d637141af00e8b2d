/**
 * Checks whether this machine can take part in a run, and says what to do where it can't.
 *
 * ```ts
 * import { examine } from './node/cli/doctor/index.ts';
 *
 * for (const { name, value, ok } of await examine({})) console.log(ok, name, value);
 * ```
 */
import { resolve } from 'node:path';
import type { EngineName } from '../../compute/index.ts';
import type { LoadedConfig } from '../config/index.ts';
import { engineRows } from './engine.ts';
import { diskEstimate, memoryEstimate } from './estimate.ts';
import { aggregatorRow, dataRows, groupsRow, modelRow, openModel } from './inputs.ts';
import { listenRows } from './listening.ts';
import { diskRow, memoryRow, versionRows } from './machine.ts';
import { attempt, type Row } from './row.ts';

export type { Row } from './row.ts';

export interface ExamineOptions {
  /** Left out: only the machine is looked at. */
  readonly loaded?: LoadedConfig;
  readonly engine?: EngineName | undefined;
}

/** All rows, in the order to be shown. */
export async function examine({ loaded, engine }: ExamineOptions): Promise<Row[]> {
  if (loaded === undefined) {
    return [
      ...versionRows(),
      ...(await attempt('engine', () => engineRows(engine))),
      memoryRow(0),
      await diskRow('.', 0),
    ];
  }
  const { config, folder } = loaded;
  const { network, output } = config;
  const keyPath = network.keyFile === undefined ? undefined : resolve(folder, network.keyFile);
  return [
    ...versionRows(),
    aggregatorRow(loaded),
    ...(await attempt('model', () => modelRows(loaded, engine))),
    ...(await attempt('listen', () => listenRows({ listen: network.listen, keyPath }))),
    ...(await attempt('data', () => dataRows(loaded))),
  ];

  async function modelRows(from: LoadedConfig, wanted: EngineName | undefined): Promise<Row[]> {
    const model = await openModel(from);
    const need = memoryEstimate(model.config, model.values.length, config);
    const shape = {
      config: model.config,
      bucketBytesMax: config.bucketBytesMax,
      unitSequences: config.data.unitSequences,
      sequenceLength: config.model.sequenceLength,
    };
    const outFolder = output.folder === undefined ? '.' : resolve(folder, output.folder);
    return [
      modelRow(model),
      ...(await attempt('groups', async () => [groupsRow(from, model)])),
      ...(await attempt('engine', () => engineRows(wanted, shape))),
      memoryRow(need),
      await diskRow(outFolder, diskEstimate(model.values.length)),
    ];
  }
}
