/** The rules of the house: which rooms are pure, and which may know of which. */
import test from 'ava';
import ts from 'typescript';
import {
  folderOf,
  type Import,
  nodesOf,
  packaged,
  placeOf,
  type Source,
} from './helpers/source-files.ts';

const PURE = /^(protocol|node\/(admission|actor|bulk|resolve|schema|optim|wasm)|sim)\/(?!chaos\/)/;
const pure = packaged.filter(({ file }) => PURE.test(file));

const TIME = 'the nowMs that every event carries, or the clock that the factory is given';
const TIMER = 'the setTimer effect, or the virtual clock in sim/';
const CHANCE = 'a labelled stream of protocol/random.ts';
const OUTSIDE = 'an effect that node/runtime carries out';
const ARITHMETIC = 'a function of our own on + - * / and sqrt (engines differ in the last bit)';

/** What pure code may not name, and the port that serves instead. */
const BANNED_NAMES: Readonly<Record<string, string>> = {
  'Date.now': TIME,
  'performance.now': TIME,
  'process.hrtime': TIME,
  setTimeout: TIMER,
  setInterval: TIMER,
  setImmediate: TIMER,
  queueMicrotask: TIMER,
  'AbortSignal.timeout': TIMER,
  'Math.random': CHANCE,
  'crypto.getRandomValues': CHANCE,
  'crypto.randomUUID': CHANCE,
  process: OUTSIDE,
  fetch: OUTSIDE,
  console: OUTSIDE,
  ...Object.fromEntries(
    'exp expm1 log log2 log10 log1p pow sin cos tan asin acos atan atan2 sinh cosh tanh cbrt hypot'
      .split(' ')
      .map((name) => [`Math.${name}`, ARITHMETIC]),
  ),
};

/** Packages that pure code may use; everything else is I/O, a clock or somebody's chance. */
const PURE_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  protocol: ['msgpackr', 'zod', 'node:crypto'],
  'node/admission': ['zod', 'node:crypto'],
  'node/actor': [],
  'node/bulk': ['node:crypto'],
  'node/resolve': ['zod'],
  'node/schema': ['zod', 'leven'],
  'node/optim': ['zod'],
  'node/wasm': [],
  sim: ['zod'],
};

/** Of node:crypto: functions of what they are given. */
const HASHING = ['createHash', 'hash', 'createHmac', 'timingSafeEqual'];

/** The room below that each room may know of, besides itself. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  'node/admission': ['protocol'],
  'node/actor': ['protocol'],
  'node/wasm': ['protocol'],
  'node/resolve': ['protocol', 'node/schema', 'node/wasm'],
  'node/schema': [],
  'node/optim': ['protocol', 'node/wasm'],
  'node/bulk': ['protocol', 'node/actor', 'node/resolve', 'node/optim'],
  'node/files': ['protocol'],
  'node/data': ['protocol', 'node/files'],
  'node/model': ['protocol', 'node/files'],
  'node/threads': [],
  'node/compute': ['protocol', 'node/model', 'node/threads'],
  'node/net': ['protocol', 'node/admission', 'node/files'],
  'node/store': ['protocol', 'node/files'],
  'node/runtime': rooms(
    'protocol actor bulk compute data net store resolve optim model files threads',
  ),
  'node/cli': rooms(
    'protocol runtime admission compute data net store resolve schema optim model files ' +
      'threads sim',
  ),
  sim: rooms('protocol admission actor bulk resolve optim'),
  // The face of the whole package.
  node: rooms('protocol compute data model optim store'),
};

/** The oracle writes its own loop, over whatever computes but nothing that distributes. */
const ORACLE = 'sim/oracle.ts';
const ORACLE_ROOMS = rooms('protocol resolve optim compute model data');
const ORACLE_BANNED = /^protocol\/(placement|tree|messages|wire)\.ts$/;

function rooms(names: string): string[] {
  return names.split(' ').map((name) => (/^(protocol|sim)$/.test(name) ? name : `node/${name}`));
}

/** The banned name that a node of the syntax is, if it is one. */
function bannedName(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const object = node.expression.getText().replace(/^globalThis\./, '');
    const name = `${object}.${node.name.text}`;
    if (Object.hasOwn(BANNED_NAMES, name)) return name;
  }
  if (!ts.isIdentifier(node) || !Object.hasOwn(BANNED_NAMES, node.text)) return undefined;
  const { parent } = node;
  const used =
    (ts.isCallExpression(parent) && parent.expression === node) ||
    (ts.isNewExpression(parent) && parent.expression === node) ||
    (ts.isPropertyAccessExpression(parent) && parent.expression === node);
  return used ? node.text : undefined;
}

test('the pure rooms name no clock, no chance, no I/O and no inexact function', (t) => {
  const found = pure.flatMap((source) =>
    nodesOf(source).flatMap((node) => {
      const name = bannedName(node);
      if (name) return [`${placeOf(source, node)}: ${name}. Use ${BANNED_NAMES[name]}.`];
      const date = ts.isNewExpression(node) && node.expression.getText() === 'Date';
      return date ? [`${placeOf(source, node)}: new Date. Use ${TIME}.`] : [];
    }),
  );
  t.deepEqual(found, []);
});

test('the pure rooms import only packages that are pure themselves', (t) => {
  const found = pure.flatMap(({ file, folder, imports }) =>
    imports.flatMap(({ target, ours, names }) => {
      if (ours) return [];
      const allowed = PURE_PACKAGES[folder] ?? [];
      if (!allowed.includes(target)) return [`${file} imports ${target}. Use ${OUTSIDE}.`];
      if (target !== 'node:crypto') return [];
      const isPure = names.length > 0 && names.every((name) => HASHING.includes(name));
      return isPure ? [] : [`${file}: of node:crypto only ${HASHING.join(', ')} are pure`];
    }),
  );
  t.deepEqual(found, []);
});

test('the actor waits for nothing', (t) => {
  const found = pure
    .filter(({ folder }) => folder === 'node/actor')
    .flatMap((source) =>
      nodesOf(source)
        .filter((node) => ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AsyncKeyword)
        .map((node) => `${placeOf(source, node)}: async. Give an effect, receive its event.`),
    );
  t.deepEqual(found, []);
});

test('imports follow the arrows of the house, through the face of a room', (t) => {
  const found = packaged.flatMap((source) =>
    source.imports.filter(({ ours }) => ours).flatMap((one) => wrongArrow(source, one)),
  );
  t.deepEqual(found, []);
});

function wrongArrow(source: Source, { target }: Import): string[] {
  const room = folderOf(target);
  if (room === source.folder) return [];
  const allowed = (source.file === ORACLE ? ORACLE_ROOMS : ARROWS[source.folder]) ?? [];
  if (!allowed.includes(room)) {
    const known = allowed.join(', ') || 'nothing of ours';
    return [`${source.file} imports ${target}; it may know of ${known}`];
  }
  // protocol/ has no inside: each of its files is a face, so that importing one stays cheap.
  if (room === 'protocol' || target.endsWith('/index.ts')) return [];
  return [`${source.file} imports ${target}, past the face of ${room}. Import its index.ts.`];
}

test('every room that exists has its arrows', (t) => {
  const known = Object.keys(ARROWS);
  t.deepEqual(
    packaged.filter(({ folder }) => !known.includes(folder)).map(({ file }) => file),
    [],
  );
});

test('the oracle knows neither actor nor placement nor reduction', (t) => {
  const oracle = packaged.find(({ file }) => file === ORACLE);
  const wrong = oracle?.imports.filter(({ target }) => ORACLE_BANNED.test(target));
  t.deepEqual(wrong, []);
});
