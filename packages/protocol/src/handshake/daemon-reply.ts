/**
 * What a daemon says before the arguments: the lines that decide, messages for people, and the module list.
 * Spec: docs/protocol/1-session.md, 4.3 and 4.5.
 * @module
 */
import type { ByteString } from "../wire/index.js";

/** Send the arguments now. */
export const REPLY_OK: ByteString = "@RSYNCD: OK";

/** Nothing more will come; the client exits with 0. */
export const REPLY_EXIT: ByteString = "@RSYNCD: EXIT";

const AUTH_REQUIRED = "@RSYNCD: AUTHREQD ";
const ERROR = "@ERROR";
const NAME_COLUMNS = 15;

/**
 * A line from the daemon, understood. `error` and `text` carry the line as received: an error is printed like that (and
 * ends the client with code 5), text is the message of the day or the listing.
 */
export type DaemonReply =
  | { readonly kind: "ok" }
  | { readonly kind: "exit" }
  | { readonly kind: "auth"; readonly challenge: ByteString }
  | { readonly kind: "error"; readonly text: ByteString }
  | { readonly kind: "text"; readonly text: ByteString };

/** One line of the module list. */
export interface ModuleLine {
  readonly name: ByteString;
  readonly comment: ByteString;
}

/** Says what a line means to a client that waits for its module. */
export function parseDaemonReply(line: ByteString): DaemonReply {
  if (line === REPLY_OK) return { kind: "ok" };
  if (line === REPLY_EXIT) return { kind: "exit" };
  if (line.startsWith(AUTH_REQUIRED))
    return { kind: "auth", challenge: line.slice(AUTH_REQUIRED.length) };
  if (line.startsWith(ERROR)) return { kind: "error", text: line };
  return { kind: "text", text: line };
}

/** The line that asks for a login. */
export function formatAuthRequired(challenge: ByteString): ByteString {
  return AUTH_REQUIRED + challenge;
}

/** The line that refuses; the daemon closes after it. */
export function formatDaemonError(text: ByteString): ByteString {
  return `${ERROR}: ${text}`;
}

/** The name padded to 15 columns (a longer one is not cut), a tab, the comment. */
export function formatModuleLine({ name, comment }: ModuleLine): ByteString {
  return `${name.padEnd(NAME_COLUMNS)}\t${comment}`;
}

/** Reads a line of a module list; null when it is none, but a line of the message of the day. */
export function parseModuleLine(line: ByteString): ModuleLine | null {
  const tab = line.indexOf("\t");
  if (tab < NAME_COLUMNS) return null;
  return { name: line.slice(0, tab).trimEnd(), comment: line.slice(tab + 1) };
}
