/** Finds keys that a JSON text gives twice, which JSON.parse passes over in silence. */

/** A string, a bracket, or anything else up to the next of them; in a text that is valid JSON. */
const PIECE = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^"{}[\],:]+/gy;

/** The first key that the outermost object of `text` (valid JSON) holds twice, or undefined. */
export function findDoubledKey(text: string): string | undefined {
  const keys = new Set<string>();
  let depth = 0;
  let atKey = false;
  for (const [piece] of text.matchAll(PIECE)) {
    if (piece === '{' || piece === '[') {
      depth++;
      atKey = piece === '{' && depth === 1;
    } else if (piece === '}' || piece === ']') {
      depth--;
    } else if (piece === ',') {
      atKey = depth === 1;
    } else if (atKey && piece.startsWith('"')) {
      const key = JSON.parse(piece) as string;
      if (keys.has(key)) return key;
      keys.add(key);
      atKey = false;
    }
  }
  return undefined;
}
