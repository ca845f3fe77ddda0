/**
 * What is known of a daemon that was talked with before: what it need not be asked again before it is answered. Each question less
 * is a turn less that both sides wait for.
 * @module
 */
import { negotiatesAlgorithms } from "@tsrsync/transfer";
import { PromptPeer } from "../transport/prompt-peer.js";
import type { Opening } from "./opening.js";

export class Acquaintance {
  readonly peer: PromptPeer = new PromptPeer();
  /** It has answered a greeting. */
  isKnown = false;
  /** It demanded a password. */
  wantsPassword = false;
  #negotiatingProtocol = 0;
  #opening: Opening | null = null;

  /** Whether it will want our names of algorithms when this protocol is spoken (spec 1-session, 5.4). */
  negotiates(protocol: number): boolean {
    return protocol === this.#negotiatingProtocol;
  }

  /** What the last push began with, if another one may begin so before the daemon has said anything. */
  get opening(): Opening | null {
    return this.#opening;
  }

  /**
   * A session with it was set up.
   * @param opening of a push that another one may be like, else `null`
   */
  learn(protocol: number, compatFlags: number, opening: Opening | null): void {
    const negotiates = negotiatesAlgorithms(compatFlags);
    this.#negotiatingProtocol = negotiates ? protocol : 0;
    if (!negotiates) this.#opening = null;
    else if (opening !== null) this.#opening = opening.offered === null ? null : opening;
  }

  /** It is not as it was. */
  forget(): void {
    this.isKnown = false;
    this.#negotiatingProtocol = 0;
    this.#opening = null;
  }
}
