/**
 * What others send before this node has begun: kept, and handed over in its order once
 * there is somebody to take it.
 */
import type { FrameHandler, Network } from '../net/index.ts';
import type { NodeNetwork } from './post.ts';

type Frame = Parameters<FrameHandler>;

/** A peer that has sent so much before the start does not keep to the protocol. */
const BYTES_MAX = 512 * 2 ** 20;

/** Headers are counted as this much: they are small, and not measured again. */
const HEADER_BYTES = 1024;

export class EarlyFrames {
  readonly #network: Network;
  #frames: Frame[] = [];
  #bytes = 0;

  /** To be made in the turn in which the network opened. */
  constructor(network: Network) {
    this.#network = network;
    network.onFrame((...frame) => this.#keep(frame));
  }

  /** The network as a running node takes it: peers that are up and the kept frames come first. */
  handOver(): NodeNetwork {
    const network = this.#network;
    return {
      send: (...frame) => network.send(...frame),
      disconnect: (peer, reason) => network.disconnect(peer, reason),
      onPeer: (handler) => {
        network.onPeer(handler);
        for (const peer of network.peers()) handler({ kind: 'up', peer });
      },
      onFrame: (handler) => {
        network.onFrame(handler);
        const frames = this.#frames;
        this.#frames = [];
        for (const frame of frames) this.#deliver(handler, frame);
      },
    };
  }

  #keep(frame: Frame): void {
    const [peer, , payload] = frame;
    this.#bytes += HEADER_BYTES + (payload?.length ?? 0);
    if (this.#bytes > BYTES_MAX)
      this.#network.disconnect(peer, 'it sends before the run has begun');
    else this.#frames.push(frame);
  }

  #deliver(handler: FrameHandler, frame: Frame): void {
    try {
      handler(...frame);
    } catch (error) {
      this.#network.disconnect(frame[0], (error as Error).message);
    }
  }
}
