/**
 * The lists of algorithm names that the two sides exchange.
 * Spec: docs/protocol/1-session.md, 5.4.
 * @module
 */
import { type Cursor, readVstring, type Writer, writeVstring } from "../wire/index.js";
import type { HandshakeRole } from "./role.js";

/** What is chosen: the strong checksum or the compression. */
export type AlgorithmKind = "checksum" | "compress";

const CANONICAL_ORDER = {
  checksum: ["xxh128", "xxh3", "xxh64", "md5", "md4", "sha1", "none"],
  compress: ["zstd", "lz4", "zlibx", "zlib", "none"],
} as const;

const ALIASES: Readonly<Record<string, string>> = { xxhash: "xxh64" };

const MAX_LIST_BYTES = 255;
const NO_VALID_NAME = "INVALID";

/** The main name of an algorithm, in lower case. */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return ALIASES[lower] ?? lower;
}

/**
 * The names that we announce, in the canonical order: a 3.5.0 server takes the first of its *own* names that the client
 * listed, so a client in any other order ends up with another algorithm than the server. For that reason the order in
 * the environment is not kept; it only selects.
 * @param supported names that this build has, main names in lower case.
 * @param environment `RSYNC_CHECKSUM_LIST` or `RSYNC_COMPRESS_LIST`; with `&`, the part after it is for servers.
 * @returns an empty list when the environment holds no valid name: then no agreement is possible.
 */
export function namesToOffer(
  kind: AlgorithmKind,
  role: HandshakeRole,
  supported: readonly string[],
  environment: string | undefined,
): string[] {
  const own = CANONICAL_ORDER[kind].filter((name) => supported.includes(name));
  const wanted = words(partFor(role, environment ?? "")).map(canonicalName);
  if (wanted.length > 0) return own.filter((name) => wanted.includes(name));
  return own.filter((name) => role === "server" || name !== "none");
}

function partFor(role: HandshakeRole, environment: string): string {
  const ampersand = environment.indexOf("&");
  if (ampersand < 0) return environment;
  return role === "client" ? environment.slice(0, ampersand) : environment.slice(ampersand + 1);
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}

/** The first name of the client's list that the server has too, or null. Right with every version of either side. */
export function chooseByClientOrder(
  client: readonly string[],
  server: readonly string[],
): string | null {
  return client.find((name) => server.includes(name)) ?? null;
}

/** Reads a list as main names; names that we do not know stay in it. */
export function readNameList(cursor: Cursor, kind: AlgorithmKind): string[] {
  return words(readVstring(cursor, `${kind} list`, MAX_LIST_BYTES)).map(canonicalName);
}

/** Writes a list; an empty one goes out as `INVALID`, as in rsync. */
export function writeNameList(writer: Writer, names: readonly string[]): void {
  writeVstring(writer, names.join(" ") || NO_VALID_NAME);
}
