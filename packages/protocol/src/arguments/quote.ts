/**
 * Quoting for the shell on the remote host, and the form of paths for a daemon.
 * Spec: docs/protocol/1-session.md, 3.5 and 3.7; docs/protocol/4-command.md, 9.
 * @module
 */
import type { ByteString } from "../wire/index.js";

/** An option's value: every special character, wildcard and backslash is quoted. */
export function quoteOptionValue(value: ByteString): ByteString {
  return value.replace(/[!#$&;|<>(){}"'` \t\n\r\\*?[\]]/g, "\\$&");
}

/** A path: wildcards stay bare, and so does a backslash before one. */
export function quotePath(path: ByteString): ByteString {
  return path.replace(/[!#$&;|<>(){}"'` \t\n\r]|\\(?![*?[\]])/g, "\\$&");
}

/** Keeps a path from being taken for an option. */
export function protectDash(path: ByteString): ByteString {
  return path.startsWith("-") ? `./${path}` : path;
}

/**
 * A path as a daemon gets it: `MODULE` alone becomes `MODULE/`, and a ` MODULE/` inside is masked, because the daemon
 * would split the path there.
 */
export function daemonPath(path: ByteString, module: ByteString): ByteString {
  if (path === module) return `${path}/`;
  return path.replaceAll(` ${module}/`, `[ ]${module}/`);
}

/** Undoes the quoting that clients since 3.2.4 apply to what comes before the lone `.`, as daemons since 3.4.4 do. */
export function unquoteArguments(words: readonly ByteString[]): ByteString[] {
  const dot = words.indexOf(".");
  const end = dot < 0 ? words.length : dot;
  return words.map((word, i) => (i < end ? word.replace(/\\(.)/gs, "$1") : word));
}
