/**
 * The texts of a daemon's log; tools read them, so wording and spacing are rsync's.
 *
 * Spec: docs/protocol/5-daemon.md, 5.10.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ClientPeer } from "../access/index.js";

const from = ({ hostName, address }: ClientPeer): ByteString => `from ${hostName} (${address})`;

/** A listener has started. */
export function startingText(version: string, port: number): ByteString {
  return `rsyncd version ${version} starting, listening on port ${port}`;
}

export function connectText(peer: ClientPeer): ByteString {
  return `connect ${from(peer)}`;
}

export function moduleListText(peer: ClientPeer): ByteString {
  return `module-list request ${from(peer)}`;
}

export function unknownModuleText(module: ByteString, peer: ClientPeer): ByteString {
  return `unknown module '${module}' tried ${from(peer)}`;
}

export function accessDeniedText(module: ByteString, peer: ClientPeer): ByteString {
  return `rsync denied on module ${module} ${from(peer)}`;
}

export function accessAllowedText(module: ByteString, peer: ClientPeer): ByteString {
  return `rsync allowed access on module ${module} ${from(peer)}`;
}

/** What a client asks for: a pull or listing (`isSender`) or a push. `user` is empty without login. */
export function requestText(
  request: ByteString,
  { isSender, user, peer }: { isSender: boolean; user: ByteString; peer: ClientPeer },
): ByteString {
  const login = user === "" ? "" : `${user}@`;
  return `rsync ${isSender ? "on" : "to"} ${request} from ${login}${peer.hostName} (${peer.address})`;
}

export function proxyRejectedText(peer: ClientPeer): ByteString {
  const { hostName, address } = peer;
  return `proxy protocol rejected from untrusted peer ${hostName} (${address})`;
}

export const HANDSHAKE_TIMEOUT_TEXT = "[Receiver] daemon handshake timeout -- exiting";
