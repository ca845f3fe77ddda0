/**
 * What an output format asks for.
 * Spec: docs/protocol/4-command.md, 5 (step 13).
 * @module
 */
import type { ByteString } from "../wire/index.js";

/** Whether `format` has the escape `%LETTER`; `'`, `-` and up to 23 digits may stand between, and `%%` is a percent. */
export function formatHas(format: ByteString | null, letter: string): boolean {
  for (const [, found] of (format ?? "").matchAll(/%'*-?\d{0,23}'*(.)/gs)) {
    if (found === letter) return true;
  }
  return false;
}
