/**
 * Signatures as the simulator makes them: a mix of the node's name and the text in their first
 * bytes, as long as real ones. Nobody in it breaks them; whoever signs for another would be found.
 */
import { type Seal, SIGNATURE_BYTES } from '../../protocol/claims.ts';
import { drawKey } from '../core/draws.ts';

/** The seal of the node with this name. */
export function simulatedSeal(name: string): Seal {
  return {
    sign: (text) => {
      const signature = new Uint8Array(SIGNATURE_BYTES);
      new DataView(signature.buffer).setUint32(0, mark(name, text));
      return signature;
    },
    verify: (id, text, signature) =>
      new DataView(signature.buffer, signature.byteOffset).getUint32(0) === mark(id, text),
  };
}

const mark = (name: string, text: string) => drawKey(drawKey(0, name), text);
