/**
 * A peer that is connected to again and again: how it is reached without a question to the resolver each time.
 * @module
 */
import { isIPv4, type Socket } from "node:net";
import { loadLinuxCalls } from "@tsrsync/transfer/linux";
import { Habits } from "./habits.js";
import { PromptConnection } from "./prompt-connection.js";

/** A name may mean another machine after so long. */
const KNOWN_MS = 10_000;

export class PromptPeer {
  readonly #habits = new Habits();
  #address = "";
  #knownUntil = Number.NEGATIVE_INFINITY;

  /**
   * A connection that is there within a moment; `null`: it has to be waited for in the usual way.
   * @param habits of conversations that go otherwise than most
   */
  open(host: string, port: number, habits: Habits = this.#habits): PromptConnection | null {
    PromptConnection.begins(this);
    const address = isIPv4(host) ? host : this.#known();
    const calls = address === null ? null : loadLinuxCalls();
    return calls === null ? null : PromptConnection.open(calls, habits, address!, port);
  }

  /** It was reached in the usual way. */
  reached({ remoteAddress }: Socket): void {
    if (remoteAddress === undefined || !isIPv4(remoteAddress)) return;
    this.#address = remoteAddress;
    this.#knownUntil = performance.now() + KNOWN_MS;
  }

  #known(): string | null {
    return performance.now() < this.#knownUntil ? this.#address : null;
  }
}
