/** Flags that several commands share, and how their texts become values. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { EngineName } from '../../compute/index.ts';
import { type Override, parseSet } from '../config/index.ts';

const ENGINES: readonly EngineName[] = ['onnx', 'wasm', 'reference'];

/** A whole number above 0. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('Expected a whole number above 0.');
  }
  return value;
}

/** A whole number, 0 included. */
export function parseSeed(text: string): number {
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw new InvalidArgumentError('Expected a whole number.');
  }
  return Number(text);
}

/** Adds a value to those of the flag's earlier uses. */
export function collect(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text];
}

/** `--engine`; left out, the fastest that loads is taken. */
export function engineOption(): Option {
  return new Option('--engine <name>', 'compute with this engine').choices(ENGINES);
}

/** What `withRunFlags` adds, as commander gives it. */
export interface RunFlags {
  readonly steps?: number;
  readonly seed?: number;
  readonly out?: string;
  readonly resume?: string | true;
  readonly engine?: EngineName;
  readonly set?: readonly string[];
  readonly json?: boolean;
}

/** The flags of every command that runs. */
export function withRunFlags(command: Command): Command {
  return command
    .option('--steps <n>', 'number of steps', parseCount)
    .option('--seed <n>', 'seed of the run', parseSeed)
    .option('--set <key=value>', 'override a key of the config; may be repeated', collect)
    .option('--out <folder>', 'where the results go (default: the next free runs/N)')
    .option('--resume [checkpoint]', 'go on from this checkpoint (default: the newest)')
    .addOption(engineOption())
    .option('--json', 'write JSON lines to standard output');
}

/** The flags that stand for keys of the config; they win over `--set`. */
export function overridesOf({ set = [], steps, seed, out }: RunFlags): Override[] {
  const named = (path: string[], value: unknown, flag: string) =>
    value === undefined ? [] : [{ path, value, flag }];
  return [
    ...set.map(parseSet),
    ...named(['steps'], steps, '--steps'),
    ...named(['seed'], seed, '--seed'),
    ...named(['output', 'folder'], out, '--out'),
  ];
}
