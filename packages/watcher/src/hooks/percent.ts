/**
 * Bytes in addresses and forms.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

const escapeByte = (found: string): string =>
  `%${found.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

/** Every byte that is not a letter, a digit or one of `-._~` as `%NN`. */
export const percentEncode = (bytes: ByteString): string =>
  bytes.replace(/[^A-Za-z0-9._~-]/g, escapeByte);

/** The same, with the separators of paths and addresses as they are. */
export const percentEncodePath = (bytes: ByteString): string =>
  bytes.replace(/[^A-Za-z0-9._~:/-]/g, escapeByte);
