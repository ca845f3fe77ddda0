/**
 * What a client says between the login and the transfer: arguments, and the names of algorithms to a daemon that is known to want
 * them (spec 1-session, 4.4 and 5.4). Nothing of it depends on what the daemon says in the session, so it may be said ahead.
 * @module
 */
import {
  encodeArgumentList,
  type ServerArguments,
  type ServerSession,
} from "@tsrsync/protocol/arguments";
import type { NegotiationLists } from "@tsrsync/protocol/handshake";
import {
  type AlgorithmOffer,
  algorithmListsOf,
  convertWords,
  offerAhead,
  ownCharset,
  type TransferOptions,
} from "@tsrsync/transfer";
import type { Acquaintance } from "./acquaintance.js";
import type { FilteredRun } from "./run-client.js";

export interface Opening {
  /** The same words are the same object, as `serverWords` has it. */
  readonly words: ServerArguments;
  readonly protocol: number;
  readonly bytes: Uint8Array;
  /** The names that are among the bytes, if they are. */
  readonly offered: NegotiationLists | null;
  /** What is asked for. */
  readonly asked: Pick<FilteredRun, "settings" | "transfer" | "commandLine">;
}

/** What these words begin a session with. */
export async function openingOf(
  run: FilteredRun,
  words: ServerArguments,
  { protocol }: Pick<ServerSession, "protocol">,
  options: TransferOptions,
  acquaintance: Acquaintance | null,
): Promise<Opening> {
  const last = acquaintance?.opening;
  if (last?.words === words && last.protocol === protocol) return last;
  const { settings, transfer, commandLine, environment } = run;
  const parts = [encodeArgumentList(words.words, protocol >= 30 ? "nul" : "line")];
  if (words.secluded !== null) {
    const charset = ownCharset(settings.iconv, false, environment);
    parts.push(encodeArgumentList(await convertWords(words.secluded, charset, "toWire"), "nul"));
  }
  let offer: AlgorithmOffer | null = null;
  if (acquaintance?.negotiates(protocol) === true) {
    offer = offerAhead(protocol, options, algorithmListsOf(environment));
    parts.push(offer.bytes);
  }
  const asked = { settings, transfer, commandLine };
  return { words, protocol, bytes: Buffer.concat(parts), offered: offer?.lists ?? null, asked };
}
