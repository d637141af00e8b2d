/**
 * The name of this CPU as far as the bits of native code depend on it: ONNX Runtime picks its
 * kernels by instruction set. Where the system doesn't tell the set, the processor's model stands
 * for it.
 */
import { readFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';

/** From the widest down: the features that all must be there, and the name. */
const LEVELS: readonly { name: string; features: readonly string[] }[] = [
  { name: 'avx512', features: ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl'] },
  { name: 'avx2', features: ['avx2', 'fma'] },
  { name: 'avx', features: ['avx'] },
  { name: 'sve', features: ['asimd', 'sve'] },
  { name: 'neon', features: ['asimd'] },
];

/** For example `avx512`, `avx2`, `neon`, or `apple-m4`. */
export function instructionSet(): string {
  const features = platform() === 'linux' ? linuxFeatures() : new Set<string>();
  const level = LEVELS.find(({ features: needed }) => needed.every((one) => features.has(one)));
  return level?.name ?? modelName();
}

/**
 * Feature names in /proc/cpuinfo: `flags` on x86, `Features` on ARM; none where it can't be read.
 */
function linuxFeatures(): Set<string> {
  try {
    const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
    return new Set(line?.[1]?.split(/\s+/) ?? []);
  } catch {
    return new Set();
  }
}

function modelName(): string {
  const model = `${cpus()[0]?.model ?? ''} ${arch()}`.toLowerCase();
  return model.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
}
