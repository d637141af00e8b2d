/**
 * The planted bugs: each is a mistake that somebody could have made in this code, as a patch. When
 * the code changes and a patch no longer applies, the zoo says so, and the patch follows the code.
 */
import type { Patch } from './plant.ts';

export interface Bug {
  readonly name: string;
  /** What is wrong, in a line. */
  readonly what: string;
  readonly patches: readonly Patch[];
}

const bug = (
  name: string,
  what: string,
  ...patches: (readonly [string, string, string])[]
): Bug => ({
  name,
  what,
  patches: patches.map(([file, find, replace]) => ({ file, find, replace })),
});

export const bugs: readonly Bug[] = [
  bug(
    'told too early',
    'an update leaves before the backups stand at its step (design 5.4, first)',
    [
      'node/actor/telling.ts',
      'return this.#holdings.otherHolders(bucket).some((id) => view.standing(id)!.step < step);',
      'return step < 0;',
    ],
  ),
  bug('forgotten too early', 'params(s) go before this node stands at s + 1 (design 5.4, second)', [
    'node/actor/member.ts',
    'this.#staging.addWhole(bucket);\n  }\n\n  /** Tells what',
    'this.#staging.addWhole(bucket);\n' +
      '    this.#context.drop([valueKey(this.#context.step, bucket)]);\n  }\n\n  /** Tells what',
  ]),
  bug('stranger let in', 'a node of another run is not told from one of this run', [
    'node/admission/hello.ts',
    'if (ours.runId !== theirs.runId) {',
    'if (ours.name === theirs.name) {',
  ]),
  bug('double apply', 'a sum that is known is filed again', [
    'node/actor/reduction.ts',
    'if (this.knows(place)) return false;\n    const lifted',
    'const lifted',
  ]),
  bug('arrival order', 'sums are added in the order in which they come, not along the tree', [
    'node/actor/reduction.ts',
    'const other = sibling(place, this.#units);',
    'const [first] = this.#waiting.values();\n' +
      '    const other = first?.place ?? sibling(place, this.#units);',
  ]),
  bug(
    'other step accepted',
    'what is a step early is used at once, whatever root it descends from',
    [
      'node/actor/inbox.ts',
      'if (!ready || !this.#received.has(name) || message.step !== this.#context.step) return;',
      'if (!ready || !this.#received.has(name)) return;',
    ],
    [
      'node/actor/inbox.ts',
      'if (message.root !== this.#context.root || !this.#receiver.lacks(message)) {\n' +
        '      this.#discard',
      'if (!this.#receiver.lacks(message)) {\n      this.#discard',
    ],
  ),
  bug('batch by node', 'the text of a unit depends on who computes it', [
    'sim/process/computing.ts',
    'ports.model.gradient(parameters, unit)',
    'ports.model.gradient(parameters, { ...unit, unit: unit.unit + node.index })',
  ]),
  bug('lost optimizer state', 'what a new holder is given has its moments zeroed', [
    'node/bulk/bulk.ts',
    'if (ok) this.#keepHeld(step, bucket, stored);',
    'if (ok) {\n' +
      '      for (const array of Object.values(stored.value.state.arrays)) array.fill(0);\n' +
      '      this.#keepHeld(step, bucket, stored);\n    }',
  ]),
  bug('state of the step before', 'a backup keeps the aggregator state of the wrong step', [
    'node/bulk/shelf.ts',
    'this.setState(stateKey(effect.step, effect.group), effect.state);',
    'this.setState(stateKey(effect.step, effect.group), ' +
      'this.state(stateKey(effect.step - 1, effect.group)) ?? effect.state);',
  ]),
  bug('torn checkpoint loaded', 'what is read from disk is not held to its hash', [
    'sim/disk/checkpoints.ts',
    'if (hashOf(bytes) !== manifest.arraysHash) {',
    'if (bytes.length === 0) {',
  ]),
  bug('missing fsync', 'the arrays of a checkpoint are not synced before the rename', [
    'sim/disk/checkpoints.ts',
    '() => disk.sync(`$' + '{temporary}/$' + '{ARRAYS}`),',
    '() => {},',
  ]),
  bug('ignored checksum', 'a payload is kept whatever its hash', [
    'node/bulk/bulk.ts',
    ' && hashOf(payload) === hash;',
    ';',
  ]),
  bug('unchecked value', 'a whole value is taken whatever its hashes', [
    'node/bulk/bulk.ts',
    'const ok = stored !== undefined && valueHash(this.#hashes(stored)) === valueHash(hashes);',
    'const ok = stored !== undefined;',
  ]),
  bug('NaN accepted', 'a slice that is not finite counts as a tensor', [
    'node/bulk/bulk.ts',
    "if (!isFinite32(values)) return { outcome: 'nonFinite', hash: null };",
    '',
  ]),
  bug('want never repeated', 'what is late is asked for once', [
    'node/actor/deadline.ts',
    'this.#passedMs = this.#context.nowMs;\n    return this.#set(this.#baseMs);',
    'this.#passedMs = this.#context.nowMs;\n    return this.#baseMs;',
  ]),
  bug('want storm', 'what is late is asked for without a pause', [
    'node/actor/deadline.ts',
    'const delayMs = Math.min(MAX_MS, doubled);',
    'const delayMs = Math.min(5, doubled);',
  ]),
  bug('unbounded memory', 'nothing that was said is ever forgotten', [
    'node/actor/member.ts',
    'this.#outbox.forgetBefore(keep);',
    '',
  ]),
  bug(
    'view flapping',
    'a short silence is enough to be taken for gone',
    ['node/actor/liveness.ts', 'const MISSED_MIN = 3;', 'const MISSED_MIN = 0.3;'],
    ['node/actor/liveness.ts', 'const DEVIATIONS = 8;', 'const DEVIATIONS = -3;'],
  ),
  bug('unreachable step', 'a step counts as reachable though a bucket of it has no holder', [
    'node/actor/reach.ts',
    'return rest.every(isOnDisk);',
    'return rest.length < all.length || rest.some(isOnDisk);',
  ]),
  bug(
    'mixed steps',
    'what is gathered may be of two steps, and is not held to its root',
    [
      'node/actor/member.ts',
      'if (!followed && root !== this.#expectedRoot) {',
      'if (!followed && root === "") {',
    ],
    [
      'node/actor/inbox.ts',
      'if (!ready || !this.#received.has(name) || message.step !== this.#context.step) return;',
      'if (!ready || !this.#received.has(name)) return;\n' +
        '    if (message.step !== this.#context.step && this.#context.complete) return;',
    ],
    [
      'node/actor/inbox.ts',
      'if (message.root !== this.#context.root || !this.#receiver.lacks(message)) {\n' +
        '      this.#discard',
      'const isOther = message.root !== this.#context.root && this.#context.complete;\n' +
        '    if (isOther || !this.#receiver.lacks(message)) {\n      this.#discard',
    ],
  ),
  bug('leaves too early', 'a leaver goes with what only it has', [
    'node/actor/actor.ts',
    ' || this.#parts.holdings.held.size > 0) return;',
    ') return;',
  ]),
  bug('checkpoint removed too early', 'an old checkpoint goes when its own node has a newer one', [
    'node/actor/keeper.ts',
    'return steps.find(isSafe)?.[1] ?? 0;',
    'return steps[0]?.[1] ?? 0;',
  ]),
  bug('one durable copy', 'an old checkpoint goes when one disk has each bucket of a newer one', [
    'node/actor/keeper.ts',
    'const copies = Math.min(options.redundancy, words.length);',
    'const copies = Math.min(options.redundancy, words.length, 1);',
  ]),
  bug('parameters kept', 'parameters of two more steps are kept', [
    'node/actor/member.ts',
    'if (kept < keep && !inUse',
    'if (kept < keep - 2 && !inUse',
  ]),
  bug('rewind at once', 'what seems lost with its holders is not waited for', [
    'node/actor/lost.ts',
    'return lostMs >= waitMs && isAlone && !view.isAboutToHear;',
    'return true;',
  ]),
  bug('moves on alone', 'a holder goes on while another is a step behind', [
    'node/actor/member.ts',
    'if (complete && (this.missingWhole().length > 0 || this.#telling.isAhead)) return;',
    'if (complete && this.missingWhole().length > 0) return;',
  ]),
  bug('let go too early', 'a bucket goes as it was announced, though others have gone since', [
    'node/actor/giving-up.ts',
    'if (!isHeldByOthers(context, bucket)) {',
    'if (bucket < 0) {',
  ]),
  bug('ends too early', 'the run is over for whoever is through, wherever the others are', [
    'node/actor/keeper.ts',
    'if (!this.#areOthersThrough()) return false;',
    '',
  ]),
  bug('not finite at once', 'a slice that is not finite counts when it was computed once', [
    'node/actor/worker.ts',
    "} else if (outcome !== 'nonFinite' && unit.attempts === 1) {",
    '} else if (unit.attempts === 1) {',
  ]),
  bug(
    'blind auditor',
    'what others say is not compared with what was computed here',
    [
      'node/actor/auditor.ts',
      'if (!agree(own.print, word.print)) this.#ask(word, claim.step, claimedBy(claim));',
      '',
    ],
    [
      'node/actor/auditor.ts',
      'if (word.root === root && !agree(word.print, print)) this.#ask(word, step, value);',
      '',
    ],
  ),
  bug(
    'incomplete norm',
    'a clipped update is made before all parts of the norm are in',
    [
      'node/actor/parts.ts',
      'this.#norms.size === this.#context.bucketCount) {',
      'this.#norms.size >= this.#context.bucketCount - 1) {',
    ],
    [
      'node/actor/parts.ts',
      'sum + this.#norms.get(bucket)!, 0)',
      'sum + (this.#norms.get(bucket) ?? 0), 0)',
    ],
  ),
  bug('one holder', 'each bucket has an owner and no backup', [
    'node/actor/context.ts',
    'const { runId, languages, redundancy } = this.options;',
    'const { runId, languages } = this.options;\n    const redundancy = 1;',
  ]),
  bug('deaf view', 'what a node says is no sign of its life', [
    'node/actor/view.ts',
    'known.heardMs = this.#nowMs;\n    return this.#revive(known);',
    'return this.#revive(known);',
  ]),
  bug('stale timer', 'the heartbeat is not set again', [
    'node/actor/actor.ts',
    "this.#parts.context.emit({ kind: 'setTimer', timer: 'heartbeat', delayMs: HEARTBEAT_MS });\n" +
      '    this.#end();',
    'this.#end();',
  ]),
];
