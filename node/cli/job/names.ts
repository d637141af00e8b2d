/** Names for the nodes of one machine, easier to tell apart than numbers. */
const NAMES = [
  'kestrel',
  'merlin',
  'osprey',
  'hobby',
  'harrier',
  'buzzard',
  'goshawk',
  'peregrine',
  'sparrowhawk',
  'kite',
  'eagle',
  'falcon',
] as const;

/** The name of node `index` (from 0); those beyond the list are numbered. */
export function nodeName(index: number): string {
  const name = NAMES[index % NAMES.length] ?? 'node';
  const round = Math.floor(index / NAMES.length);
  return round === 0 ? name : `${name}-${round + 1}`;
}
