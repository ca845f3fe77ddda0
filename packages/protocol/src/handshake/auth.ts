/**
 * The daemon's login: the digest that both sides know, the challenge and the response.
 *
 *     server  @RSYNCD: AUTHREQD CHALLENGE
 *     client  USER RESPONSE                    RESPONSE = base64(digest(password, challenge text))
 *
 * Spec: docs/protocol/1-session.md, 4.4; docs/protocol/5-daemon.md, 5.7.1.
 * @module
 */
import { UnsupportedError } from "../errors.js";
import { type ByteString, storeByteString } from "../wire/index.js";
import { encodeBase64 } from "./base64.js";
import type { HandshakeRole } from "./role.js";

/** The login digests in the canonical order, strongest first. Names are always sent in this order. */
export const DIGEST_NAMES = ["sha512", "sha256", "sha1", "md5", "md4"] as const;

export type DigestName = (typeof DIGEST_NAMES)[number];

/** Hashes `bytes` (borrowed) with the digest called `name`; given by the caller. */
export type DigestFunction = (name: DigestName, bytes: Uint8Array) => Uint8Array;

/** The digest of a login. `legacy`: the md4 of peers before protocol 30, which hashes four zero bytes first. */
export interface AuthDigest {
  readonly name: DigestName;
  readonly legacy: boolean;
}

/** What the client answered to the challenge. */
export interface AuthReply {
  readonly user: ByteString;
  readonly response: ByteString;
}

const MIN_CHALLENGE_RANDOM = 32;
const LEGACY_PREFIX = 4;
const LEGACY_BEFORE = 30;

/**
 * The first digest of our own that the peer named too. A peer without a list gets `md5`, or the legacy `md4` before
 * protocol 30.
 * @param own names in canonical order; `peer` is null when the greeting had no list.
 * @throws UnsupportedError when there is none; as a server, write its message after `@ERROR: `.
 */
export function chooseDigest(
  role: HandshakeRole,
  own: readonly DigestName[],
  peer: readonly string[] | null,
  protocol: number,
): AuthDigest {
  const assumed = protocol < LEGACY_BEFORE ? "md4" : "md5";
  const offered = new Set((peer ?? [assumed]).map((name) => name.toLowerCase()));
  const name = own.find((candidate) => offered.has(candidate));
  if (name) return { name, legacy: peer === null && protocol < LEGACY_BEFORE };
  if (role === "server") {
    throw new UnsupportedError(
      `your client does not support one of our daemon-auth checksums: ${own.join(" ")}`,
    );
  }
  throw new UnsupportedError(
    [
      "Failed to negotiate a daemon auth checksum choice.",
      `Server list: ${[...offered].join(" ")}`,
      `Client list: ${own.join(" ")}`,
    ].join("\n"),
  );
}

/** The response to `challenge`: unpadded base64. The copy of the password that is hashed is wiped. */
export function authResponse(
  digest: DigestFunction,
  { name, legacy }: AuthDigest,
  password: Uint8Array,
  challenge: ByteString,
): ByteString {
  const start = legacy ? LEGACY_PREFIX : 0;
  const input = new Uint8Array(start + password.length + challenge.length);
  input.set(password, start);
  storeByteString(input, start + password.length, challenge);
  const response = encodeBase64(digest(name, input));
  input.fill(0);
  return response;
}

/**
 * A challenge as long as the digest.
 * @param random at least 32 bytes from the system's random source, used for this challenge only.
 * @throws RangeError when `random` is shorter.
 */
export function makeChallenge(
  digest: DigestFunction,
  name: DigestName,
  random: Uint8Array,
): ByteString {
  if (random.length < MIN_CHALLENGE_RANDOM) {
    throw new RangeError(
      `challenge: expected ${MIN_CHALLENGE_RANDOM} random bytes, got ${random.length}`,
    );
  }
  return encodeBase64(digest(name, random));
}

/** Splits the client's answer at its first space. Without a space the response is empty, so it matches nothing. */
export function parseAuthReply(line: ByteString): AuthReply {
  const space = line.indexOf(" ");
  if (space < 0) return { user: line, response: "" };
  return { user: line.slice(0, space), response: line.slice(space + 1) };
}

/** The client's answer, without LF. */
export function formatAuthReply({ user, response }: AuthReply): ByteString {
  return `${user} ${response}`;
}

/** Whether `given` equals the secret `expected`, in a time that depends on the length of `given` alone. */
export function constantTimeEqual(expected: ByteString, given: ByteString): boolean {
  let difference = expected.length ^ given.length;
  for (let i = 0; i < given.length; i++) {
    // NaN (beyond the end of `expected`) becomes 0 here; the lengths already differ then.
    difference |= expected.charCodeAt(i) ^ given.charCodeAt(i);
  }
  return difference === 0;
}
