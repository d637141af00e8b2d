/** The methods that stand on their own; those that wrap another are added by the registry. */
import { mean } from './mean.ts';
import { alignedMtl } from './methods/aligned-mtl.ts';
import { cagrad } from './methods/cagrad.ts';
import { config } from './methods/config.ts';
import { dualproj, upgrad } from './methods/dual-cone.ts';
import { fairgrad, nashMtl } from './methods/fairness.ts';
import { fedmgda } from './methods/fedmgda.ts';
import { gradvac } from './methods/gradvac.ts';
import { imtlG } from './methods/imtl-g.ts';
import { krum } from './methods/krum.ts';
import { mgdaCapped } from './methods/mgda-capped.ts';
import { pcgrad } from './methods/pcgrad.ts';
import { constant, random, sum } from './methods/plain.ts';
import { modo, sdmgrad } from './methods/two-batches.ts';
import { mgda } from './mgda.ts';
import type { Aggregator } from './types.ts';

export const catalogue: readonly Aggregator[] = [
  mean,
  sum,
  constant,
  random,
  mgda,
  mgdaCapped,
  fedmgda,
  cagrad,
  nashMtl,
  fairgrad,
  pcgrad,
  gradvac,
  dualproj,
  upgrad,
  imtlG,
  alignedMtl,
  config,
  krum,
  sdmgrad,
  modo,
];
