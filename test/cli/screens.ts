/** Standard output and error that remember what was written, and reports to write there. */
import type { FinalReport, RunStarted, Screen, StepReport } from '../../node/cli/output/index.ts';

/** A screen of a fixed size; `text` is everything written so far. */
export class RememberedScreen implements Screen {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;
  #onError: (error: NodeJS.ErrnoException) => void = () => {};

  constructor(isTTY: boolean, columns = 120) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): void {
    this.text += text;
  }

  on(_event: 'error', listener: (error: NodeJS.ErrnoException) => void): void {
    this.#onError = listener;
  }

  /** As if whoever reads this had gone. */
  breakPipe(): void {
    this.#onError(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
  }
}

export const runStarted: RunStarted = {
  part: 'main',
  version: '0.1.0',
  runId: '3f9a'.repeat(16),
  engine: 'onnx',
  engineReason: 'onnx: the fastest that loads',
  numericsClass: 'onnx-1.30.0-cpu-avx512-0123456789ab',
  threadsPerNode: 1,
  seed: 1,
  steps: 400,
  firstStep: 0,
  aggregator: { name: 'mgda', normalize: 'l2', options: {} },
  groups: 'bucket by bucket',
  codec: 'f32',
  parameters: 1_250_000,
  buckets: 80,
  data: [],
  nodes: [
    { name: 'kestrel', peerId: '12D3KooWa', pid: 41 },
    { name: 'merlin', peerId: '12D3KooWb' },
  ],
};

export function stepReport(step: number, changes: Partial<StepReport> = {}): StepReport {
  return {
    part: 'main',
    step,
    steps: 400,
    losses: { swh_Latn: 2.311, tur_Latn: null },
    loss: 2.311,
    tokens: 1024,
    languageTokens: { swh_Latn: 512, tur_Latn: 512 },
    tokensPerSecond: 3456.7,
    wireBytes: 12_345_678,
    learningRate: 1e-4,
    conflicts: {
      bucketSteps: 80,
      conflicting: 12,
      pairs: [{ a: 'swh_Latn', b: 'tur_Latn', meanCosine: -0.1 }],
    },
    weights: { swh_Latn: 0.5, tur_Latn: 0.5 },
    unsolved: 0,
    harmed: 0,
    gapRelativeMax: 3e-16,
    residualBucket: 0.5,
    residualGlobal: 0.25,
    stalled: false,
    coarserGroups: null,
    root: 'ab'.repeat(32),
    ...changes,
  };
}

const swahili = {
  language: 'swh_Latn',
  role: 'seen' as const,
  lossBefore: 2.5,
  lossAfter: 1.75,
  bitsPerByteBefore: 3.6067,
  bitsPerByteAfter: 2.5247,
  tokens: 51_200,
};
const zulu = { ...swahili, language: 'zul_Latn', role: 'unseen' as const, tokens: 0 };

export const finalReport: FinalReport = {
  type: 'report',
  schemaVersion: 1,
  runId: '3f9a'.repeat(16),
  paramsHash: 'c0de'.repeat(16),
  steps: 400,
  seed: 1,
  aggregator: { name: 'mgda', normalize: 'l2' },
  engine: 'onnx',
  numericsClass: 'onnx-1.30.0-cpu-avx512-0123456789ab',
  versions: { isogloss: '0.1.0', node: '24.11.0', protocol: '1' },
  wallSeconds: 200.4,
  nodes: [{ name: 'kestrel', peerId: '12D3KooWa', bytesSent: 5, bytesReceived: 6 }],
  languages: [swahili, zulu],
  wire: { bytesSent: 12_345_678, bytesReceived: 12_345_600 },
  conflicts: { bucketSteps: 32_000, conflicting: 3_840, pairs: [] },
  certificates: {
    gapRelativeMax: 3.2e-16,
    residualBucket: 0.5,
    residualGlobal: 0.25,
    stalledSteps: 0,
    whenStalled: 'report',
  },
  baseline: {
    paramsHash: 'beef'.repeat(16),
    languages: [{ ...swahili, bitsPerByteAfter: 2.6 }],
  },
};
