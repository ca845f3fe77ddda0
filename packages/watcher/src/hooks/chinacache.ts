/**
 * The way in which sersync told ChinaCache of stale addresses:
 *
 *     HEAD /index.jsp?user=U&pswd=P&ok=ok&urls=URL HTTP/1.0
 *
 * Directories are given as `dirs=URL/`. The field `whatsup` of the answer says what became of it.
 * @module
 */
import { connect } from "node:net";
import { byteStringFromText } from "@tsrsync/protocol/wire";
import { percentEncode } from "./percent.js";

const MAX_ANSWER = 16 * 1024;

export interface ChinaCacheRequest {
  host: string;
  port: number;
  user: string;
  password: string;
  kind: "urls" | "dirs";
  /** Percent-encoded already. */
  addresses: readonly string[];
  signal: AbortSignal;
}

/** Sends the bytes and reads until the server ends the connection. */
function exchange(host: string, port: number, bytes: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect({ host, port });
    const onAbort = (): void => void socket.destroy(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => socket.write(bytes));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (text.includes("\r\n\r\n") || text.length > MAX_ANSWER) socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => {
      signal.removeEventListener("abort", onAbort);
      resolve(text);
    });
  });
}

/**
 * Sends one request. Returns the field `whatsup`, empty when there was none.
 * @throws Error when there was no answer, or one whose status is not 200 to 299
 */
export async function refreshChinaCache(request: ChinaCacheRequest): Promise<string> {
  const { host, port, kind, signal } = request;
  const user = percentEncode(byteStringFromText(request.user));
  const password = percentEncode(byteStringFromText(request.password));
  const list = request.addresses.map((url) => (kind === "dirs" ? `${url}/` : url)).join("%0D%0A");
  const line = `HEAD /index.jsp?user=${user}&pswd=${password}&ok=ok&${kind}=${list} HTTP/1.0`;
  const answer = await exchange(host, port, `${line}\r\nHost: ${host}\r\n\r\n`, signal);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? "";
  const whatsup = /^whatsup:[ \t]*(.*?)\r?$/im.exec(answer)?.[1] ?? "";
  if (!status.startsWith("2")) throw new Error(`status ${status || "missing"} ${whatsup}`.trim());
  return whatsup;
}
