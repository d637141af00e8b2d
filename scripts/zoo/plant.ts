/**
 * Plants a bug: a textual patch of one module, applied as it is loaded. So any bug can be planted
 * in the real code, and neither the checkout nor the package has a trace of it.
 */
import { registerHooks } from 'node:module';

export interface Patch {
  /** From the top of the checkout. */
  readonly file: string;
  /** Occurs exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** Must be called before the module is imported anywhere. Throws where a patch does not apply. */
export function plant(patches: readonly Patch[]): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const mine = patches.filter(({ file }) => url.endsWith(`/${file}`));
      if (mine.length === 0) return loaded;
      let text = textOf(loaded.source);
      for (const { file, find, replace } of mine) {
        const parts = text.split(find);
        if (parts.length !== 2) {
          throw new Error(`${file} has ${parts.length - 1} times: ${find}; expected it once`);
        }
        text = parts.join(replace);
      }
      return { ...loaded, source: text };
    },
  });
}

function textOf(source: unknown): string {
  if (typeof source === 'string') return source;
  return Buffer.from(source as Uint8Array).toString('utf8');
}
