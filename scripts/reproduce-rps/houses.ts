/**
 * Eight standardised features and a target: California housing from a file, or, where there is
 * none, numbers that are drawn with features as entangled as those.
 */
import { readFileSync } from 'node:fs';
import { createStream } from '../../protocol/random.ts';

export interface Table {
  /** By row: the features, then the target; each column of mean 0 and variance 1. */
  readonly rows: readonly (readonly number[])[];
  readonly real: boolean;
}

/** Neighbours in this order share models. Names are those of scikit-learn's `to_csv`. */
const FEATURES = [
  'Longitude',
  'Latitude',
  'AveOccup',
  'Population',
  'MedInc',
  'HouseAge',
  'AveRooms',
  'AveBedrms',
];
const TARGET = 'MedHouseVal';

/** From `fetch_california_housing(as_frame=True).frame.to_csv(path)`. */
export function readHouses(path: string): Table {
  const [head, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const names = head!.split(',');
  const columns = [...FEATURES, TARGET].map((name) => {
    const column = names.indexOf(name);
    if (column < 0) throw new Error(`${path} has no column ${name}; it has ${head}`);
    return column;
  });
  const rows = lines.map((line) => {
    const cells = line.split(',').map(Number);
    return columns.map((column) => cells[column]!);
  });
  return { rows: standardised(rows), real: true };
}

const DRAWN_ROWS = 2000;
/** Of a feature's variance, what it has from the one before. */
const ENTANGLED = 0.6;

export function drawHouses(): Table {
  const random = createStream('rps-houses');
  const draw = () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random.nextFloat();
    return sum;
  };
  const truth = FEATURES.map(draw);
  const rows = Array.from({ length: DRAWN_ROWS }, () => {
    const features: number[] = [];
    for (const _ of FEATURES) {
      features.push(ENTANGLED * (features.at(-1) ?? 0) + (1 - ENTANGLED) * draw());
    }
    const target = features.reduce((sum, value, j) => sum + value * truth[j]!, draw());
    return [...features, target];
  });
  return { rows: standardised(rows), real: false };
}

function standardised(rows: readonly (readonly number[])[]): number[][] {
  const columns = rows[0]!.map((_, j) => {
    const mean = rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length;
    const variance = rows.reduce((sum, row) => sum + (row[j]! - mean) ** 2, 0) / rows.length;
    return { mean, deviation: Math.sqrt(variance) };
  });
  return rows.map((row) =>
    row.map((value, j) => (value - columns[j]!.mean) / columns[j]!.deviation),
  );
}
