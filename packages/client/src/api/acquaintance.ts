/**
 * What is known of a daemon that was talked with before: what it need not be asked again before it is answered. Each question less
 * is a turn less that both sides wait for.
 * @module
 */
import { negotiatesAlgorithms } from "@tsrsync/transfer";
import { PromptPeer } from "../transport/prompt-peer.js";

export class Acquaintance {
  readonly peer: PromptPeer = new PromptPeer();
  /** It has answered a greeting. */
  isKnown = false;
  #negotiatingProtocol = 0;

  /** Whether it will want our names of algorithms when this protocol is spoken (spec 1-session, 5.4). */
  negotiates(protocol: number): boolean {
    return protocol === this.#negotiatingProtocol;
  }

  /** What it said in a session. */
  learn(protocol: number, compatFlags: number): void {
    this.#negotiatingProtocol = negotiatesAlgorithms(compatFlags) ? protocol : 0;
  }
}
