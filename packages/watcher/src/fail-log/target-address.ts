/**
 * A target as rsync's command line names it.
 * @module
 */
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import type { TargetSettings } from "../config/settings.js";

/** An address without its password, for logs, status and commands. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/@:]*):[^/]*@/i, "$1@");
}

/** The words that reach the target: options that belong to the way, and the address at the end. */
export function rsyncAddress(target: TargetSettings): {
  options: ByteString[];
  address: ByteString;
} {
  const url = withoutPassword(target.url);
  const ssh = /^ssh:\/\/(?:([^/@]*)@)?(\[[^\]]*\]|[^/:]*)(?::(\d+))?(\/.*)?$/.exec(url);
  if (ssh !== null) return sshAddress(ssh, target.auth.identity);
  const { password } = target.auth;
  const options = password?.kind === "file" ? [`--password-file=${password.path}`] : [];
  const address = url.endsWith("/") ? url : `${url}/`;
  return { options: options.map(byteStringFromText), address: byteStringFromText(address) };
}

function sshAddress(
  parts: RegExpExecArray,
  identity: string | null,
): { options: ByteString[]; address: ByteString } {
  const [, user, host = "", port, path = "/"] = parts;
  const words = ["ssh"];
  if (port !== undefined) words.push("-p", port);
  // rsync splits the value of -e at spaces and knows both kinds of quotes.
  if (identity !== null) words.push("-i", /[\s"']/.test(identity) ? `"${identity}"` : identity);
  const login = user === undefined || user === "" ? host : `${user}@${host}`;
  return {
    options: ["-e", words.join(" ")].map(byteStringFromText),
    address: byteStringFromText(`${login}:${path}`),
  };
}
