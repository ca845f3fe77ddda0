/**
 * What a client asks a daemon for, after the greeting.
 * Spec: docs/protocol/1-session.md, 4.3; docs/protocol/5-daemon.md, 5.5.1.
 * @module
 */
import { StartError } from "../errors.js";
import type { ByteString } from "../wire/index.js";

/** The most bytes of early input. */
export const MAX_EARLY_INPUT = 5120;

const EARLY_INPUT = "#early_input=";

/** A request line. After `early-input` come `length` raw bytes, and then the real request. */
export type DaemonRequest =
  | { readonly kind: "list" }
  | { readonly kind: "module"; readonly name: ByteString }
  | { readonly kind: "early-input"; readonly length: number };

/**
 * Reads a request line as a daemon does.
 * @throws StartError with the text to write after `@ERROR: `.
 */
export function parseDaemonRequest(line: ByteString): DaemonRequest {
  if (line.startsWith(EARLY_INPUT)) {
    const digits = line.slice(EARLY_INPUT.length);
    const length = /^\d{1,4}$/.test(digits) ? Number(digits) : 0;
    if (length < 1 || length > MAX_EARLY_INPUT) throw new StartError("invalid early_input length");
    return { kind: "early-input", length };
  }
  if (line === "" || line === "#list") return { kind: "list" };
  if (line.startsWith("#")) throw new StartError(`Unknown command '${line}'`);
  return { kind: "module", name: line };
}

/** The request line, without LF. */
export function formatDaemonRequest(request: DaemonRequest): ByteString {
  switch (request.kind) {
    case "list":
      return "";
    case "module":
      return request.name;
    case "early-input":
      return EARLY_INPUT + request.length;
  }
}
