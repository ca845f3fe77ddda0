/**
 * The first line of each side in the text phase with a daemon, and the protocol version that follows from it.
 *
 *     @RSYNCD: VERSION.SUB DIGEST DIGEST ...
 *
 * Lines are `ByteString`s without their LF here and in the rest of this folder.
 * Spec: docs/protocol/1-session.md, 4.2 and 5.2.
 * @module
 */
import { ProtocolError, StartError } from "../errors.js";
import type { ByteString } from "../wire/index.js";
import type { HandshakeRole } from "./role.js";

/** The newest protocol version that we speak. */
export const PROTOCOL_VERSION = 32;

/** The oldest protocol version that we speak. */
export const MIN_PROTOCOL = 20;

/** The oldest one with a daemon: those before frame the seed there, too. */
const MIN_DAEMON_PROTOCOL = 23;

const PREFIX = "@RSYNCD: ";
const MAX_REMOTE_VERSION = 40;
const SUB_MANDATORY_FROM = 30;
const DIGESTS_MANDATORY_FROM = 32;

/** A protocol version; `sub` is 0 unless it is a pre-release. */
export interface ProtocolVersion {
  readonly version: number;
  readonly sub: number;
}

/** What a greeting says. `digests` are login digest names as sent, strongest first; null when there is no list. */
export interface Greeting extends ProtocolVersion {
  readonly digests: readonly string[] | null;
}

/** The greeting line, without LF. */
export function formatGreeting({ version, sub, digests }: Greeting): ByteString {
  return `${PREFIX}${version}.${sub}${digests ? ` ${digests.join(" ")}` : ""}`;
}

/**
 * Reads the peer's greeting; `line` is null when the connection ended before one came.
 * @param role ours. A client prints the error's message; a server writes it after `@ERROR: ` (`formatDaemonError`).
 * @throws StartError when it is no greeting, or leaves out what its version must have.
 */
export function parseGreeting(line: ByteString | null, role: HandshakeRole): Greeting {
  if (line === null)
    throw new StartError(role === "client" ? "did not see server greeting" : NO_GREETING);
  const match = /^@RSYNCD: (\d+)(?:\.(\d+))?/.exec(line);
  if (!match) {
    throw new StartError(
      role === "client" ? `server sent "${line}" rather than greeting` : NO_GREETING,
    );
  }
  const version = Number(match[1]);
  if (match[2] === undefined && version >= SUB_MANDATORY_FROM)
    throw omitted("subprotocol value", line, role);
  const space = line.indexOf(" ", PREFIX.length);
  if (space < 0 && version >= DIGESTS_MANDATORY_FROM) throw omitted("digest name list", line, role);
  return {
    version,
    sub: Number(match[2] ?? 0),
    digests: space < 0 ? null : line.slice(space).split(" ").filter(Boolean),
  };
}

const NO_GREETING = "protocol startup error";

function omitted(what: string, line: ByteString, role: HandshakeRole): StartError {
  return new StartError(
    `${role === "client" ? "the server" : "your client"} omitted the ${what}: ${line}`,
  );
}

/**
 * The version that both sides use. A pre-release only talks to itself in its own version: everybody else goes one back.
 * @throws ProtocolError when `remote` can not be an rsync, or the result is older than what is spoken with daemons.
 */
export function negotiateProtocol(local: ProtocolVersion, remote: ProtocolVersion): number {
  if (!(remote.version >= MIN_PROTOCOL && remote.version <= MAX_REMOTE_VERSION)) {
    throw new ProtocolError("protocol version mismatch -- is your shell clean?");
  }
  const result = commonVersion(local, remote);
  if (result < MIN_DAEMON_PROTOCOL) {
    const range = `${MIN_DAEMON_PROTOCOL} or later`;
    throw new ProtocolError(`protocol version: expected ${range}, got ${result}`);
  }
  return result;
}

/** The version rule alone, without bounds. */
export function commonVersion(local: ProtocolVersion, remote: ProtocolVersion): number {
  if (local.version === remote.version) return local.version - (local.sub === remote.sub ? 0 : 1);
  const older = local.version < remote.version ? local : remote;
  return older.version - (older.sub === 0 ? 0 : 1);
}
