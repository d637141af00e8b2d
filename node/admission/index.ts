/**
 * Who may take part: what two nodes say to each other first, what makes one refuse the other, and
 * what a node does that was refused. Plain state machines, so that the simulator runs the same.
 *
 * @example
 * ```ts
 * const admission = new Admission({ localPeerId, peerId, nonce, networkKey, hello });
 * say(admission.opening());
 * for (const answer of admission.receive(frame)) say(answer); // throws what refuses the peer
 * if (admission.isComplete) begin(admission.theirs);
 * ```
 */
export {
  Admission,
  type AdmissionFrame,
  type AdmissionInput,
  isAdmissionFrame,
} from './admission.ts';
export * from './errors.ts';
export {
  ADDRESSES_MAX,
  HELLO_LIMITS,
  type Hello,
  type KnownPeer,
  knownOf,
  type LinkFrame,
  NONCE_BYTES,
  parseLinkFrame,
} from './hello.ts';
export {
  CONFIGURED_PAUSE_MAX_MS,
  KNOWN_PAUSE_MAX_MS,
  pauseAfter,
  REFUSED_PAUSE_MS,
} from './pauses.ts';
export { type Refusal, Refusals, toldRefusal } from './refusals.ts';
