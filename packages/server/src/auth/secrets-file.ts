/**
 * The secrets file: lines of `USER:PASSWORD` and `@GROUP:PASSWORD`, read anew for each login.
 *
 * Spec: docs/protocol/5-daemon.md, 5.7.3.
 * @module
 */
import { closeSync, constants, fstatSync, readFileSync } from "node:fs";
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";
import { openTrusted } from "@tsrsync/transfer";

/** The bytes of a line that count; the rest is ignored. */
const MAX_LINE = 1023;

const OTHERS_MAY_READ_OR_WRITE = 0o6;
const LF = 0x0a;
const CR = 0x0d;
const HASH = 0x23;
const COLON = 0x3a;

/** A file that was refused: the reason for the client's failure, and a line for the log that says more. */
export interface SecretsRefusal {
  readonly reason: "no secrets file" | "ignoring secrets file";
  readonly detail: ByteString | null;
}

/** The bytes of the file, to be wiped by the caller, or why they are not used. */
export type SecretsFile = { readonly bytes: Uint8Array } | { readonly refusal: SecretsRefusal };

const refuse = (
  reason: SecretsRefusal["reason"],
  detail: ByteString | null = null,
): SecretsFile => ({ refusal: { reason, detail } });

/**
 * Reads the file, once the descriptor has passed the checks.
 * @param isRoot the daemon runs as root, so with `strictModes` the file must be root's.
 */
export function readSecretsFile(
  path: ByteString,
  { strictModes, isRoot }: { strictModes: boolean; isRoot: boolean },
): SecretsFile {
  if (path === "") return refuse("no secrets file");
  let descriptor: number;
  try {
    descriptor = openTrusted(path, constants.O_RDONLY);
  } catch {
    return refuse("no secrets file"); // missing, closed to us, or behind a stranger's link: all the same to a client
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return refuse("no secrets file");
    if (strictModes && (stat.mode & OTHERS_MAY_READ_OR_WRITE) !== 0) {
      const detail = "secrets file must not be other-accessible (see strict modes option)";
      return refuse("ignoring secrets file", detail);
    }
    if (strictModes && isRoot && stat.uid !== 0) {
      const detail = "secrets file must be owned by root when running as root (see strict modes)";
      return refuse("ignoring secrets file", detail);
    }
    return { bytes: readFileSync(descriptor) };
  } catch {
    return refuse("no secrets file");
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The password in the first line of each of the names that has one.
 * @returns views of `bytes`, in the order of the file.
 */
export function findPasswords(bytes: Uint8Array, names: readonly ByteString[]): Uint8Array[] {
  const wanted = new Set(names);
  const keys = [...wanted].map((name) => ({ name, bytes: encodeByteString(`${name}:`) }));
  const found: Uint8Array[] = [];
  for (const line of lines(bytes)) {
    if (line[0] === HASH) continue;
    const nameEnd = line.indexOf(COLON) + 1;
    const key = keys.find(
      (candidate) => candidate.bytes.length === nameEnd && startsWith(line, candidate.bytes),
    );
    if (key !== undefined && wanted.delete(key.name)) found.push(line.subarray(nameEnd));
  }
  return found;
}

function startsWith(line: Uint8Array, key: Uint8Array): boolean {
  return key.every((byte, i) => line[i] === byte);
}

function* lines(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && bytes[at] !== LF && bytes[at] !== CR) continue;
    yield bytes.subarray(start, Math.min(at, start + MAX_LINE));
    start = at + 1;
  }
}
