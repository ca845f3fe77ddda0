/**
 * Agreeing on the strong checksum and the compression: by lists, by a choice that the user forced, or, with peers that
 * can not negotiate, by the defaults of the protocol.
 *
 * Each side writes the lists of `listsToSend` before it reads the peer's, and then calls `concludeNegotiation`.
 * Spec: docs/protocol/1-session.md, 5.4.
 * @module
 */
import { UnsupportedError } from "../errors.js";
import { CF_VARINT_FLIST_FLAGS } from "./compat.js";
import {
  type AlgorithmKind,
  canonicalName,
  chooseByClientOrder,
  namesToOffer,
} from "./name-list.js";
import type { HandshakeRole } from "./role.js";

/** `--checksum-choice`: for the transfer, and for `-c`. `auto` is the default of the protocol. */
export interface ForcedChecksum {
  readonly transfer: string;
  readonly file: string;
}

/** All that the outcome depends on. The `supported` names are main names in lower case. */
export interface NegotiationInput {
  readonly role: HandshakeRole;
  readonly protocol: number;
  /** The compatibility flags; 0 before protocol 30. */
  readonly compatFlags: number;
  readonly checksum: {
    readonly supported: readonly string[];
    readonly environment?: string | undefined;
    readonly forced: ForcedChecksum | null;
  };
  readonly compress: {
    /** Whether compression is on (`-z`, or a level). */
    readonly wanted: boolean;
    readonly supported: readonly string[];
    readonly environment?: string | undefined;
    readonly forced: string | null;
  };
}

/** The names of each list; null when that list is not exchanged. Checksums go first on the wire. */
export interface NegotiationLists {
  readonly checksum: readonly string[] | null;
  readonly compress: readonly string[] | null;
}

/** What a session uses. At protocol 28 and 29 `md4` is the old form that knows the seed. */
export interface Algorithms {
  readonly transferChecksum: string;
  readonly fileChecksum: string;
  readonly compress: string;
}

/**
 * Reads `--checksum-choice=X` or `X,Y`; null for `auto` and `auto,auto`, which mean "not given".
 * @throws UnsupportedError for a name that is not in `supported`.
 */
export function parseChecksumChoice(
  value: string,
  supported: readonly string[],
): ForcedChecksum | null {
  const comma = value.indexOf(",");
  const first = comma < 0 ? value : value.slice(0, comma);
  // rsync names the whole pair when its first half is wrong.
  const transfer = knownName("checksum", first, supported, value);
  const file = comma < 0 ? transfer : knownName("checksum", value.slice(comma + 1), supported);
  return transfer === "auto" && file === "auto" ? null : { transfer, file };
}

/**
 * Reads `--compress-choice`; null for `auto`.
 * @throws UnsupportedError for a name that is not in `supported`.
 */
export function parseCompressChoice(value: string, supported: readonly string[]): string | null {
  const name = knownName("compress", value, supported);
  return name === "auto" ? null : name;
}

function knownName(
  kind: AlgorithmKind,
  text: string,
  supported: readonly string[],
  blamed: string = text,
): string {
  const name = canonicalName(text);
  if (name === "auto" || supported.includes(name)) return name;
  throw new UnsupportedError(`unknown ${kind} name: ${blamed}`);
}

/** The lists that this side writes; the peer sends the same ones. */
export function listsToSend(input: NegotiationInput): NegotiationLists {
  const { role, checksum, compress } = input;
  const negotiates = (input.compatFlags & CF_VARINT_FLIST_FLAGS) !== 0;
  const offer = (kind: AlgorithmKind, { supported, environment }: Offer) =>
    namesToOffer(kind, role, supported, environment);
  return {
    checksum: negotiates && !checksum.forced ? offer("checksum", checksum) : null,
    compress:
      negotiates && compress.wanted && !compress.forced ? offer("compress", compress) : null,
  };
}

type Offer = NegotiationInput["checksum"] | NegotiationInput["compress"];

/**
 * The outcome, from the peer's lists (null where `listsToSend` has null).
 * @throws UnsupportedError (exit 4) when there is no common name, or the server's environment refuses a forced one. A
 * client prints the message; a server leaves without a word.
 */
export function concludeNegotiation(input: NegotiationInput, peer: NegotiationLists): Algorithms {
  const own = listsToSend(input);
  const sums = input.checksum.forced ?? negotiatedChecksum(input, own.checksum, peer.checksum);
  const checksum = (name: string) => (name === "auto" ? defaultChecksum(input.protocol) : name);
  if (input.checksum.forced) {
    refuseForced(input, "checksum", [...new Set([checksum(sums.transfer), checksum(sums.file)])]);
  }
  return {
    transferChecksum: checksum(sums.transfer),
    fileChecksum: checksum(sums.file),
    compress: concludeCompression(input, own.compress, peer.compress),
  };
}

function negotiatedChecksum(
  input: NegotiationInput,
  own: readonly string[] | null,
  peer: readonly string[] | null,
): ForcedChecksum {
  const name = agree(input, "checksum", own, peer, defaultChecksum(input.protocol));
  return { transfer: name, file: name };
}

function concludeCompression(
  input: NegotiationInput,
  own: readonly string[] | null,
  peer: readonly string[] | null,
): string {
  const { wanted, forced } = input.compress;
  if (!wanted) return "none";
  if (!forced) return agree(input, "compress", own, peer, "zlib");
  refuseForced(input, "compress", [forced]);
  return forced;
}

function defaultChecksum(protocol: number): string {
  return protocol >= 30 ? "md5" : "md4";
}

function agree(
  input: NegotiationInput,
  kind: AlgorithmKind,
  own: readonly string[] | null,
  peer: readonly string[] | null,
  fallback: string,
): string {
  const { supported, environment } = input[kind];
  const ours = own ?? namesToOffer(kind, input.role, supported, environment);
  // Without lists the peer can do exactly the default; our environment may still exclude that.
  const theirs = own ? (peer ?? []) : [fallback];
  const [client, server] = input.role === "client" ? [ours, theirs] : [theirs, ours];
  const name = chooseByClientOrder(client, server);
  if (name !== null) return name;
  throw new UnsupportedError(
    [
      `Failed to negotiate a ${kind} choice.`,
      `Server list: ${server.join(" ") || "INVALID"}`,
      `Client list: ${client.join(" ") || "INVALID"}`,
    ].join("\n"),
  );
}

function refuseForced(
  input: NegotiationInput,
  kind: AlgorithmKind,
  names: readonly string[],
): void {
  const { supported, environment } = input[kind];
  if (input.role === "client" || !environment?.trim()) return;
  const allowed = namesToOffer(kind, "server", supported, environment);
  const refused = names.find((name) => !allowed.includes(name));
  if (refused === undefined) return;
  throw new UnsupportedError(`Your --${kind}-choice value (${refused}) was refused by the server.`);
}
