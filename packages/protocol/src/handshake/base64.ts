/**
 * Base64 with the standard alphabet and without padding, as login challenges and responses use it.
 * Spec: docs/protocol/1-session.md, 4.4.
 * @module
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** `bytes` as unpadded base64: 22 characters for 16 bytes, 86 for 64. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const characters = Math.min(4, bytes.length - at + 1);
    for (let i = 0; i < characters; i++) text += ALPHABET[(group >> (18 - 6 * i)) & 0x3f];
  }
  return text;
}
