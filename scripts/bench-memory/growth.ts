/** Memory over steps as a few numbers. */

export interface Sample {
  readonly step: number;
  readonly bytes: number;
}

export interface Growth {
  /** The first and the last step seen. */
  readonly steps: readonly [number, number];
  /** The mean in each quarter of the steps. */
  readonly atMb: readonly number[];
  /** Least squares over the last three quarters: the first has engines and caches that warm up. */
  readonly mbPer100Steps: number;
  /** The last quarter over the mean of those before, less 1: a leak shows here, a dip does not. */
  readonly share: number;
}

const SAMPLES_MIN = 20;

/** Null where too little was seen. */
export function growth(samples: readonly Sample[]): Growth | null {
  const first = samples[0]?.step ?? 0;
  const last = samples.at(-1)?.step ?? 0;
  if (samples.length < SAMPLES_MIN || last <= first) return null;
  const quarterOf = ({ step }: Sample) =>
    Math.min(3, Math.floor((4 * (step - first)) / (last - first)));
  const quarters = [0, 1, 2, 3].map((quarter) => samples.filter((s) => quarterOf(s) === quarter));
  if (quarters.some(({ length }) => length === 0)) return null;
  const means = quarters.map((quarter) => mean(quarter.map(({ bytes }) => bytes)));
  const counted = quarters.slice(1).flat();
  const meanStep = mean(counted.map(({ step }) => step));
  const meanBytes = mean(counted.map(({ bytes }) => bytes));
  const covariance = mean(
    counted.map(({ step, bytes }) => (step - meanStep) * (bytes - meanBytes)),
  );
  const variance = mean(counted.map(({ step }) => (step - meanStep) ** 2));
  const slope = variance === 0 ? 0 : covariance / variance;
  return {
    steps: [first, last],
    atMb: means.map((bytes) => bytes / 1e6),
    mbPer100Steps: (100 * slope) / 1e6,
    share: means[3]! / mean(means.slice(0, 3)) - 1,
  };
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
