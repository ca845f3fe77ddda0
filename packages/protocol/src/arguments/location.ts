/**
 * One path argument: where it is.
 *
 *     PATH                              local
 *     [USER@]HOST:PATH   :PATH          remote shell
 *     [USER@]HOST::MODULE/PATH  ::PATH  daemon
 *     rsync://[USER@]HOST[:PORT][/MODULE[/PATH]]
 *
 * Spec: docs/protocol/4-command.md, 7.
 * @module
 */
import { UsageError } from "../errors.js";
import type { ByteString } from "../wire/index.js";

/** A path on this machine. */
export interface LocalLocation {
  readonly kind: "local";
  readonly path: ByteString;
}

/** A path elsewhere. */
export interface RemoteLocation {
  readonly kind: "shell" | "daemon";
  /** `USER@HOST` with brackets removed; empty for `:PATH` and `::PATH`. Source arguments must agree in it. */
  readonly hostSpec: ByteString;
  readonly user: ByteString | null;
  readonly host: ByteString;
  /** From an address with a port, else null. */
  readonly port: number | null;
  /** After the colons or the host: may be empty. For a daemon it starts with the module. */
  readonly path: ByteString;
}

export type Location = LocalLocation | RemoteLocation;

const MAX_PORT = 0xffff;

/**
 * Reads one path argument.
 * @throws UsageError for an `rsync://` address that can not be read, or a host that looks like an option.
 */
export function parseLocation(word: ByteString): Location {
  const url = /^rsync:\/\/(.*)$/is.exec(word);
  if (url) return parseUrl(url[1]!, word);
  const match = /^((?:[^/:]*@)?(?:\[[^\]/]+\]|[^/:[][^/:]*|)):(:?)(.*)$/s.exec(word);
  if (!match) return { kind: "local", path: word };
  const [, hostText, secondColon, path] = match;
  const host = parseHost(hostText!);
  if (host === null) return { kind: "local", path: word };
  return { kind: secondColon ? "daemon" : "shell", ...host, port: null, path: path! };
}

function parseUrl(rest: ByteString, word: ByteString): RemoteLocation {
  const match = /^((?:[^/]*@)?(?:\[[^\]/]+\]|[^/:]*))(?::(\d*))?(?:\/(.*))?$/s.exec(rest);
  const host = match ? parseHost(match[1]!) : null;
  const port = match?.[2] ? Number(match[2]) : null;
  // rsync takes such an address for the path of a host called "rsync"; nobody means that.
  if (!match || host === null || (port !== null && (port < 1 || port > MAX_PORT))) {
    throw new UsageError(`Invalid rsync:// address: ${word}`);
  }
  return { kind: "daemon", ...host, port, path: match[3] ?? "" };
}

function parseHost(text: ByteString): Pick<RemoteLocation, "hostSpec" | "user" | "host"> | null {
  const at = text.lastIndexOf("@");
  const user = at < 0 ? null : text.slice(0, at);
  const bracketed = /^\[(.*)\]$/s.exec(text.slice(at + 1));
  const host = bracketed ? bracketed[1]! : text.slice(at + 1);
  return { hostSpec: user === null ? host : `${user}@${host}`, user, host };
}
