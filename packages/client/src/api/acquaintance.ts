/**
 * What is known of a daemon that was talked with before: what it need not be asked again before it is answered. Each question less
 * is a turn less that both sides wait for.
 * @module
 */
import { CF_VARINT_FLIST_FLAGS } from "@tsrsync/protocol/handshake";
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

  /** What it said in a session; `null`: it was not what was known of it. */
  learn(protocol: number, compatFlags: number | null): void {
    const negotiates = compatFlags !== null && (compatFlags & CF_VARINT_FLIST_FLAGS) !== 0;
    this.#negotiatingProtocol = negotiates ? protocol : 0;
  }
}
