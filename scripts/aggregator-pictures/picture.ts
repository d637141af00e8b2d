/** One method's picture as SVG text: four panels of gradients, their hull, and the direction. */
import { drawn, optionsText, type Scene, scenes, type Vector } from './scenes.ts';

const PANEL = 230;
const GAP = 14;
const HEAD = 58;
const FOOT = 52;
const MARGIN = 18;
/** Colours that differ in lightness too. */
const COLOURS = ['#1b6ca8', '#d97706', '#6b4fa0'];
const DIRECTION = '#111827';
const DIGITS = '₁₂₃';
/** Keeps a label legible where an arrow passes below it. */
const HALO = 'stroke="#f9fafb" stroke-width="3" paint-order="stroke"';
/** Between words of one line, whatever the font makes of them. */
const WORD_GAP = 12;

export function pictureOf(name: string): string {
  const width = scenes.length * PANEL + (scenes.length - 1) * GAP + 2 * MARGIN;
  const height = HEAD + PANEL + FOOT;
  const options = optionsText(name);
  const panels = scenes.map((scene, i) => panelOf(name, scene, MARGIN + i * (PANEL + GAP)));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
      `height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${name}: gradients of two and three languages, and the direction</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    parts(MARGIN, 24, [
      [name, 'font-size="17" font-weight="600"'],
      [options, 'fill="#6b7280"'],
    ]),
    ...panels,
    '</svg>',
  ].join('\n')}\n`;
}

function panelOf(name: string, { title, rows }: Scene, left: number): string {
  const { weights, direction, harmed } = drawn(name, rows);
  const vectors = [...rows, direction];
  const wide = Math.max(...vectors.map(([x]) => Math.abs(x)));
  const high = Math.max(...vectors.map(([, y]) => y));
  const low = Math.max(0, ...vectors.map(([, y]) => -y));
  const scale = Math.min((PANEL / 2 - 24) / wide, (PANEL - 2 * 24) / (high + low));
  const middle = { x: left + PANEL / 2, y: HEAD + PANEL - 24 - low * scale };
  const at = ([x, y]: Vector): Vector => [middle.x + x * scale, middle.y - y * scale];
  const hull = rows.map((row) => at(row).map(round).join(',')).join(' ');
  const shares = (weights ?? []).map((weight, i): Part => {
    return [`w${DIGITS[i]} ${shown(weight)}`, `fill="${COLOURS[i]}"`];
  });
  const harms = harmed.map((i): Part => [`harms g${DIGITS[i]}`, `fill="${COLOURS[i]}"`]);
  return [
    text(left, HEAD - 8, title, 'fill="#374151"'),
    `<rect x="${left}" y="${HEAD}" width="${PANEL}" height="${PANEL}" ` +
      'fill="#f9fafb" stroke="#e5e7eb"/>',
    harmless(rows, middle, left),
    `<polygon points="${hull}" fill="#9ca3af" fill-opacity="0.18" stroke="#9ca3af" ` +
      'stroke-dasharray="3 3"/>',
    ...rows.map((row, i) => arrow([middle.x, middle.y], at(row), COLOURS[i]!, 2)),
    Math.hypot(...direction) < 1e-6
      ? `<circle cx="${middle.x}" cy="${middle.y}" r="6" fill="${DIRECTION}"/>`
      : arrow([middle.x, middle.y], at(direction), DIRECTION, 3.5),
    ...rows.map((row, i) => {
      const [x, y] = at(row);
      const [dx, dy] = [Math.sign(row[0]) * 9 - 6, row[1] < 0 ? 14 : -6];
      const label = `fill="${COLOURS[i]}" font-weight="600" ${HALO}`;
      return text(x + dx, y + dy, `g${DIGITS[i]}`, label);
    }),
    parts(left + 6, HEAD + PANEL + 16, [
      [directionText(direction), `fill="${DIRECTION}"`],
      ...harms,
    ]),
    ...(shares.length === 0 ? [] : [parts(left + 6, HEAD + PANEL + 34, shares)]),
  ].join('\n');
}

/** The cone of directions that harm nobody, as far as the panel goes. */
function harmless(rows: readonly Vector[], middle: { x: number; y: number }, left: number): string {
  const steps = 720;
  const inside = Array.from({ length: steps }, (_, s) => {
    const angle = (2 * Math.PI * s) / steps;
    const d: Vector = [Math.cos(angle), Math.sin(angle)];
    return rows.every(([x, y]) => x * d[0] + y * d[1] >= 0) ? [d] : [];
  });
  const first = inside.findIndex((d, s) => d.length > 0 && inside.at(s - 1)!.length === 0);
  if (first < 0) return '';
  const turned = [...inside.slice(first), ...inside.slice(0, first)].flat();
  const points = turned.map(([x, y]) => {
    const across = x > 0 ? (left + PANEL - middle.x) / x : (left - middle.x) / x;
    const up = y > 0 ? (middle.y - HEAD) / y : (middle.y - HEAD - PANEL) / y;
    const stretch = Math.min(x === 0 ? up : across, y === 0 ? across : up);
    return `${round(middle.x + x * stretch)},${round(middle.y - y * stretch)}`;
  });
  const all = [`${round(middle.x)},${round(middle.y)}`, ...points].join(' ');
  return `<polygon points="${all}" fill="#10b981" fill-opacity="0.13"/>`;
}

function arrow(from: Vector, to: Vector, colour: string, width: number): string {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  const head = Math.min(length, 4 + 2.5 * width);
  const [ux, uy] = length === 0 ? [0, 0] : [dx / length, dy / length];
  const base: Vector = [to[0] - ux * head, to[1] - uy * head];
  const side = head * 0.42;
  const corners = [
    to,
    [base[0] - uy * side, base[1] + ux * side],
    [base[0] + uy * side, base[1] - ux * side],
  ].map((point) => point.map((value) => round(value!)).join(','));
  return (
    `<line x1="${round(from[0])}" y1="${round(from[1])}" x2="${round(base[0])}" ` +
    `y2="${round(base[1])}" stroke="${colour}" stroke-width="${width}"/>` +
    `<polygon points="${corners.join(' ')}" fill="${colour}"/>`
  );
}

const directionText = (direction: Vector) =>
  Math.hypot(...direction) < 1e-6 ? 'd = 0' : `d of length ${Math.hypot(...direction).toFixed(2)}`;

const text = (x: number, y: number, words: string, attributes = '') =>
  `<text x="${round(x)}" y="${round(y)}" ${attributes}>${words}</text>`;

type Part = readonly [words: string, attributes: string];

/** Words of several kinds in one line, one after the other. */
function parts(x: number, y: number, words: readonly Part[]): string {
  const spans = words
    .filter(([text]) => text !== '')
    .map(([text, attributes], i) => {
      return `<tspan${i === 0 ? '' : ` dx="${WORD_GAP}"`} ${attributes}>${text}</tspan>`;
    });
  return `<text x="${round(x)}" y="${round(y)}">${spans.join('')}</text>`;
}

const shown = (weight: number) =>
  Math.abs(weight) < 0.005 ? '0' : weight.toFixed(2).replace('-', '−');

const round = (value: number) => Math.round(10 * value) / 10;
