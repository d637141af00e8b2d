/** What a member may say to another that no honest one says, and how it is cut off for it. */
export type Header = Record<string, unknown>;

const HASH = 'a'.repeat(64);
const float64 = (...values: number[]) => new Uint8Array(Float64Array.from(values).buffer);
const bytes = (count: number) => new Uint8Array(count).fill(1);

const losses = [
  { tokens: 5, lossSum: 1 },
  { tokens: 5, lossSum: 1 },
];
const gram = { kind: 'gram', present: new Uint8Array([1, 1]), gram: float64(1, 0, 1), losses };
const { present } = gram;
const weights = float64(0.5, 0.5);
const resolution = {
  ...{ present, gram: gram.gram, weights, gapRelative: 0, converged: true, squaredNorm: 1, losses },
};
const hashes = { published: HASH, optimizer: HASH, aggregator: HASH };
const update = { kind: 'update', outcome: 'tensor', ...hashes, resolution };
const state = new Uint8Array(0);
const direction = { kind: 'direction', outcome: 'tensor', hash: HASH, state, resolution };
/** Its language and unit are added: of what the second node owes the first. */
const sum = { kind: 'sum', level: 0, tokens: 5, lossSum: 1, outcome: 'tensor', hash: HASH };

/** What is said of a bucket of the first or of the second node, and what the first answers. */
export type Saying = readonly [
  what: string,
  of: 'ours' | 'theirs',
  header: Header,
  payload: Uint8Array | undefined,
  answer: RegExp,
];

/** What no honest node says, ever. */
export const NONSENSE: readonly Saying[] = [
  ['no known kind', 'ours', { kind: 'bomb' }, undefined, /MessageError: message "bomb" field kind/],
  ['a step below 0', 'ours', { ...sum, step: -1 }, bytes(4), /MessageError: .* field step/],
  ['a step beyond the last', 'ours', { ...sum, step: 999 }, bytes(4), /there is no such step/],
  ['no such bucket', 'ours', { ...sum, bucket: 4000 }, bytes(4), /there is no such bucket/],
  ['no such language', 'ours', { ...sum, language: 7 }, bytes(4), /there is no language 7/],
  ['no place of the tree', 'ours', { ...sum, level: 9 }, bytes(4), /there is no place 9:/],
  ['a sum without numbers', 'ours', sum, undefined, /payload and outcome differ/],
  ['a Gram matrix cut short', 'theirs', { ...gram, gram: float64(1) }, undefined, /vectors for 2/],
  ['half a number', 'theirs', { ...gram, gram: bytes(7) }, undefined, /expected float64 numbers/],
  ['a Gram matrix with a payload', 'theirs', gram, bytes(8), /a gram has no payload/],
  [
    'a Gram matrix that none can be',
    'theirs',
    { ...gram, gram: float64(Number.NaN, 0, 1) },
    undefined,
    /its Gram matrix has numbers that none can have/,
  ],
  ['a language half there', 'theirs', { ...gram, present: bytes(2).fill(7) }, undefined, /0 or 1/],
  ['a norm with a payload', 'theirs', { kind: 'norm', squaredNorm: 1 }, bytes(8), /a norm has no/],
  ['an update without numbers', 'theirs', update, undefined, /payload and outcome differ/],
  [
    'an update with a weight too few',
    'theirs',
    { ...update, resolution: { ...resolution, weights: float64(1) } },
    bytes(64),
    /one weight a language expected/,
  ],
  [
    'an update without the norm that it was clipped by',
    'theirs',
    { ...update, resolution: { ...resolution, squaredNorm: null } },
    bytes(64),
    /a norm is due with clipping/,
  ],
  ['a direction without numbers', 'theirs', direction, undefined, /payload and outcome differ/],
  [
    'a direction of no bucket',
    'theirs',
    { ...direction, bucket: 4000 },
    bytes(64),
    /there is no such bucket/,
  ],
  [
    'a direction with a vector too short',
    'theirs',
    { ...direction, resolution: { ...resolution, present: bytes(1) } },
    bytes(64),
    /vectors for 2 languages expected/,
  ],
  [
    'a direction with another state than the method has',
    'theirs',
    { ...direction, state: float64(1) },
    bytes(64),
    /an aggregator's state of 0 numbers expected/,
  ],
  [
    'a direction with half a state',
    'theirs',
    { ...direction, state: bytes(7) },
    bytes(64),
    /MessageError: message "direction" field state/,
  ],
  [
    'a whole value of a step below 0',
    'theirs',
    { kind: 'whole', step: -1 },
    bytes(64),
    /MessageError: message "whole" field step/,
  ],
  [
    'a want for what has no name',
    'ours',
    { kind: 'want', names: [{ kind: 'secret', step: 0, bucket: 0 }], compute: true },
    undefined,
    /MessageError: message "want" field names\.0/,
  ],
  [
    'a digest without a standing',
    'ours',
    { kind: 'digest', vouches: false, about: [] },
    undefined,
    /MessageError: message "digest" field standing/,
  ],
  [
    'a digest with sets of other buckets',
    'ours',
    { kind: 'digest', vouches: false, standing: { has: bytes(99) }, about: [] },
    undefined,
    /digest: sets of \d+ buckets expected/,
  ],
  [
    'a digest of a step that there is not',
    'ours',
    { kind: 'digest', vouches: false, standing: { step: 999 }, about: [] },
    undefined,
    /digest: there is no such step/,
  ],
  [
    'a digest that tells such a thing of another',
    'ours',
    {
      kind: 'digest',
      vouches: false,
      standing: {},
      about: [{ id: 'hobby', standing: { held: bytes(99) } }],
    },
    undefined,
    /digest: sets of \d+ buckets expected/,
  ],
];

/** What is found out only by a node that works, from the numbers. */
export const LIES: readonly Saying[] = [
  ['a sum of other numbers', 'ours', sum, bytes(64), /does not have the hash/],
  ['a direction of other numbers', 'theirs', direction, bytes(64), /does not have the hash/],
  ['an update of other numbers', 'theirs', update, bytes(64), /does not have the hash/],
];
