/**
 * `RSYNC_PROXY`: a connection through an HTTP proxy, asked for by CONNECT (spec 1-session, 2.5).
 * @module
 */
import type { Socket } from "node:net";
import { ExitCode, ProtocolError, RsyncError } from "@tsrsync/protocol";
import { encodeBase64 } from "@tsrsync/protocol/handshake";
import { byteStringFromText } from "@tsrsync/protocol/wire";
import { LineChannel } from "@tsrsync/transfer";

/** A request of that length and more is not sent. */
const MAX_REQUEST_BYTES = 1024;
/** Neither are lines of the answer longer. */
const MAX_LINE_BYTES = 1022;

/** What `RSYNC_PROXY` says. */
export interface Proxy {
  host: string;
  port: string;
  /** `USER:PASS`, or `null`. */
  credentials: string | null;
}

/** Reads `HOST:PORT` or `USER:PASS@HOST:PORT`. @throws RsyncError 10. */
export function parseProxy(text: string): Proxy {
  const at = text.lastIndexOf("@");
  const credentials = at < 0 ? null : text.slice(0, at);
  const colon = text.indexOf(":", at + 1);
  if (colon < 0 || credentials?.includes(":") === false) {
    const form = at < 0 ? "HOST:PORT" : "USER:PASS@HOST:PORT";
    throw failure(`invalid proxy specification: should be ${form}`);
  }
  return { host: text.slice(at + 1, colon), port: text.slice(colon + 1), credentials };
}

/**
 * Asks the proxy behind `socket` for a connection to `host`; what comes from there is then read from `socket`.
 * @throws RsyncError 10 when it refuses or makes no sense.
 */
export async function askProxy(
  socket: Socket,
  host: string,
  port: number,
  { credentials }: Proxy,
): Promise<void> {
  const channel = new LineChannel(socket);
  channel.write(byteStringFromText(requestFor(host, port, credentials)));
  try {
    const status = await readLine(channel, "proxy response line too long");
    if (!/^HTTP\/[\d.]* *2/.test(status)) throw failure(`bad response from proxy -- ${status}`);
    while ((await readLine(channel, "proxy response header line too long")) !== "");
  } finally {
    const rest = channel.release();
    if (rest.length > 0) socket.unshift(rest);
  }
}

/** @throws RsyncError 10 for a host that would be more than a host in it. */
function requestFor(host: string, port: number, credentials: string | null): string {
  if (/[\x00-\x20\x7f]/.test(host)) throw failure("invalid proxy host: it has control characters");
  const connect = `CONNECT ${host}:${port} HTTP/1.0\r\n`;
  if (connect.length >= MAX_REQUEST_BYTES) throw failure("proxy CONNECT request too long");
  if (credentials === null) return `${connect}\r\n`;
  const digits = encodeBase64(Buffer.from(credentials, "utf8"));
  const padded = digits.padEnd(Math.ceil(digits.length / 4) * 4, "=");
  return `${connect}Proxy-Authorization: Basic ${padded}\r\n\r\n`;
}

async function readLine(channel: LineChannel, tooLong: string): Promise<string> {
  try {
    const line = await channel.readLine(MAX_LINE_BYTES);
    if (line === null) throw failure("failed to read from proxy: the connection was closed");
    return line;
  } catch (cause) {
    if (cause instanceof ProtocolError) throw failure(tooLong, cause);
    throw cause;
  }
}

function failure(message: string, cause?: unknown): RsyncError {
  return new RsyncError(ExitCode.SocketIo, message, { cause });
}
