/** Plain charts as SVG text: panels beside each other, with axes, points, lines and rectangles. */

export const COLOURS = { whole: '#c2410c', blocks: '#1d4ed8', ink: '#1f2937', pale: '#9ca3af' };

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  readonly logarithmic?: true;
}

export type Place = readonly [x: number, y: number];

export type Mark =
  | { readonly kind: 'points'; readonly at: readonly Place[]; readonly colour: string }
  | {
      readonly kind: 'line';
      readonly at: readonly Place[];
      readonly colour: string;
      readonly dashed?: true;
    }
  | { readonly kind: 'area'; readonly from: Place; readonly to: Place; readonly colour: string }
  | { readonly kind: 'text'; readonly at: Place; readonly text: string; readonly colour: string };

export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: readonly Mark[];
}

/** In pixels. */
const PANEL = { width: 380, height: 300, left: 62, right: 18, top: 40, bottom: 48 };
const TEXT = 'font-family="system-ui, sans-serif"';

/** The figure; `description` is for those who don't see it. */
export function figure(description: string, panels: readonly Panel[]): string {
  const width = PANEL.width * panels.length;
  const parts = panels.map((panel, k) => {
    return `<g transform="translate(${k * PANEL.width} 0)">${panelMarkup(panel)}</g>`;
  });
  const size = `width="${width}" height="${PANEL.height}" viewBox="0 0 ${width} ${PANEL.height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" ${TEXT}>`,
    `<title>${escaped(description)}</title>`,
    `<rect width="${width}" height="${PANEL.height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** From a value to pixels, along either axis. */
type Scale = (value: number) => number;

function scaleOf({ from, to, logarithmic }: Axis, start: number, end: number): Scale {
  const along = (value: number) => (logarithmic ? Math.log10(value) : value);
  const [low, high] = [along(from), along(to)];
  return (value) => start + ((along(value) - low) / (high - low)) * (end - start);
}

function panelMarkup({ title, x, y, marks }: Panel): string {
  const { width, height, left, right, top, bottom } = PANEL;
  const toX = scaleOf(x, left, width - right);
  const toY = scaleOf(y, height - bottom, top);
  const middle = (left + width - right) / 2;
  return [
    text(middle, 22, title, { anchor: 'middle', weight: 600, size: 14 }),
    ...x.ticks.map((tick) => {
      const at = rounded(toX(tick));
      const name = text(Number(at), height - bottom + 16, label(tick), { anchor: 'middle' });
      return `${rule(at, top, at, height - bottom)}${name}`;
    }),
    ...y.ticks.map((tick) => {
      const at = rounded(toY(tick));
      const name = text(left - 7, Number(at) + 4, label(tick), { anchor: 'end' });
      return `${rule(left, at, width - right, at)}${name}`;
    }),
    text(middle, height - 10, x.label, { anchor: 'middle' }),
    `<g transform="translate(15 ${(top + height - bottom) / 2}) rotate(-90)">`,
    text(0, 0, y.label, { anchor: 'middle' }),
    '</g>',
    ...marks.map((mark) => markMarkup(mark, toX, toY)),
  ].join('\n');
}

function markMarkup(mark: Mark, toX: Scale, toY: Scale): string {
  const place = ([x, y]: Place) => [rounded(toX(x)), rounded(toY(y))] as const;
  switch (mark.kind) {
    case 'points':
      return mark.at
        .map((at) => {
          const [x, y] = place(at);
          return `<circle cx="${x}" cy="${y}" r="3" fill="${mark.colour}" fill-opacity="0.55"/>`;
        })
        .join('');
    case 'line': {
      const path = mark.at.map((at) => place(at).join(' ')).join(' L ');
      const dashes = mark.dashed ? ' stroke-dasharray="5 4"' : '';
      return `<path d="M ${path}" fill="none" stroke="${mark.colour}" stroke-width="2"${dashes}/>`;
    }
    case 'area': {
      const [x0, y0] = place(mark.from).map(Number) as [number, number];
      const [x1, y1] = place(mark.to).map(Number) as [number, number];
      const corner = `x="${Math.min(x0, x1)}" y="${Math.min(y0, y1)}"`;
      const size = `width="${rounded(Math.abs(x1 - x0))}" height="${rounded(Math.abs(y1 - y0))}"`;
      return `<rect ${corner} ${size} fill="${mark.colour}" fill-opacity="0.15"/>`;
    }
    case 'text': {
      const [x, y] = place(mark.at);
      return text(Number(x), Number(y), mark.text, { anchor: 'start', colour: mark.colour });
    }
  }
}

interface TextStyle {
  readonly anchor: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly weight?: number;
  readonly colour?: string;
}

function text(x: number, y: number, content: string, style: TextStyle): string {
  const { anchor, size = 12, weight = 400, colour = COLOURS.ink } = style;
  const look = `text-anchor="${anchor}" font-size="${size}" font-weight="${weight}"`;
  return `<text x="${x}" y="${y}" ${look} fill="${colour}">${escaped(content)}</text>`;
}

function rule(
  x1: number | string,
  y1: number | string,
  x2: number | string,
  y2: number | string,
): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#e5e7eb"/>`;
}

const rounded = (value: number) => value.toFixed(1);
const label = (tick: number) =>
  tick !== 0 && (Math.abs(tick) < 0.01 || Math.abs(tick) >= 1e4)
    ? tick.toExponential(0).replace('e', ' e')
    : String(tick);
const escaped = (content: string) => content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
