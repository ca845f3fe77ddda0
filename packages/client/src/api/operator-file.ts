/**
 * Files that the user's options name: links of strangers on the way are refused (spec 4-command, 16).
 * @module
 */
import { closeSync, constants, openSync, readFileSync } from "node:fs";
import type { ByteString } from "@tsrsync/protocol/wire";
import { openTrusted, pathBytes } from "@tsrsync/transfer";

const STDIN = 0;

/**
 * Opens a file for reading; `-` is standard input.
 * @param insecureLinks `--insecure-links`: whoever owns a link, it is followed
 * @returns a descriptor, owned by the caller unless it is standard input
 * @throws a system error: ELOOP for a link of a stranger
 */
export function openOperatorFile(path: ByteString, insecureLinks: boolean): number {
  if (path === "-") return STDIN;
  if (insecureLinks) return openSync(pathBytes(path), constants.O_RDONLY);
  return openTrusted(path, constants.O_RDONLY, 0, true);
}

/** The bytes of such a file. @throws as `openOperatorFile` */
export function readOperatorFile(path: ByteString, insecureLinks: boolean): Uint8Array {
  const fd = openOperatorFile(path, insecureLinks);
  try {
    return readFileSync(fd);
  } finally {
    closeOperatorFile(fd);
  }
}

/** Closes what `openOperatorFile` gave. */
export function closeOperatorFile(fd: number): void {
  if (fd !== STDIN) closeSync(fd);
}
