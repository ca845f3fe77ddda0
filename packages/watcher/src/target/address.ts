/**
 * Where a target is: its address as the client wants it, and what that says about the way to it.
 * @module
 */
import { isIP } from "node:net";
import { UsageError } from "@tsrsync/protocol";
import type { TargetSettings } from "../config/settings.js";
import { seconds } from "./session-words.js";

/** A target's address, taken apart. */
export interface TargetAddress {
  /** For the client. */
  readonly remote: string;
  /** Words that belong to the way there. */
  readonly words: readonly string[];
  /** The directory as the texts of the other end name it: inside the module, or as it is. No slash at its end. */
  readonly directory: string;
  readonly host: string;
}

/** @throws UsageError for an address of another kind. */
export function addressOf({ url, auth, connect }: TargetSettings): TargetAddress {
  const match = /^(rsync|ssh):\/\/((?:[^/@]*@)?)(\[[^\]/]+\]|[^/:]*)(?::(\d+))?\/(.*)$/s.exec(url);
  if (match === null) {
    throw new UsageError(`expected rsync://host/module or ssh://host/path, got ${url}`);
  }
  const [, scheme, user, hostText, port, rest = ""] = match;
  const path = rest.replace(/\/+$/, "");
  const wait = seconds(connect.timeout);
  const host = hostText!.replace(/^\[(.*)\]$/, "$1");
  if (scheme === "rsync") {
    const inside = path.includes("/") ? path.slice(path.indexOf("/")) : "";
    return {
      remote: `${url.replace(/\/+$/, "")}/`,
      words: wait > 0 ? [`--contimeout=${wait}`] : [],
      directory: inside,
      host,
    };
  }
  const shell = ["ssh", "-oBatchMode=yes"];
  if (wait > 0) shell.push(`-oConnectTimeout=${wait}`);
  if (port !== undefined) shell.push(`-p${port}`);
  if (auth.identity !== null) shell.push(`-i${auth.identity}`);
  return {
    remote: `${user}${hostText}:/${path}/`.replace(/\/{2,}$/, "/"),
    words: [`--rsh=${shell.map(quoted).join(" ")}`],
    directory: `/${path}`,
    host,
  };
}

function quoted(word: string): string {
  return /[\s"']/.test(word) ? `"${word.replaceAll('"', '""')}"` : word;
}

/** Loopback and private networks, where compression costs more than it saves. `address` is an IP address, or a name. */
export function isNear(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, "").toLowerCase();
  if (isIP(plain) === 4) {
    return /^(127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)/.test(plain);
  }
  if (isIP(plain) === 6) return plain === "::1" || /^f[cd]|^fe[89ab]/.test(plain);
  return plain === "localhost" || plain === "";
}
