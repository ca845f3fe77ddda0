import { createHash } from "node:crypto";
import fc from "fast-check";
import { createMD4 } from "hash-wasm";
import { expect, test } from "vitest";
import { RsyncError } from "../errors.js";
import {
  authResponse,
  chooseDigest,
  constantTimeEqual,
  DIGEST_NAMES,
  type DigestName,
  formatAuthReply,
  makeChallenge,
  parseAuthReply,
} from "./auth.js";
import { encodeBase64 } from "./base64.js";

const md4 = await createMD4();
const digest = (name: DigestName, bytes: Uint8Array): Uint8Array =>
  name === "md4"
    ? md4.init().update(bytes).digest("binary")
    : createHash(name).update(bytes).digest();
const password = Buffer.from("s3cret");

// docs/protocol/vectors/session/README.md: logins between real programs.
test.each([
  [
    "sha512",
    false,
    "/T714P9ZL76/JeL/AiLFUWmX7LPeo1Q/utG24B3wsdbg52BeyNqfThdbcqVwz2iSBW8alQEYdoGQHBdLGtub1Q",
    "0J+sqOaE4dMbaDTUamsMHrpSAFWECiX7mla5JxhkiAor1avq9OrIKYwWTxZTgCyZOFwg5vKEAtR0AxvI2dyN9A",
  ],
  ["md5", false, "EGLpeNQO6rm7YqldUgIR1A", "T6HDuAw8Nz2yfu9j2etw1Q"],
  ["md4", true, "3X54Af9T3grJlwkYVkvxBA", "yfZ+S8IyYnO4rY6BQV6Bsw"],
] as const)(
  "a captured %s login (legacy %s) is answered as rsync did",
  (name, legacy, challenge, response) => {
    expect(authResponse(digest, { name, legacy }, password, challenge)).toBe(response);
    expect(password.toString()).toBe("s3cret");
  },
);

test("an md4 that the peer listed hashes no zero bytes", () => {
  const response = authResponse(digest, { name: "md4", legacy: false }, password, "abc");
  expect(response).toBe(encodeBase64(digest("md4", Buffer.from("s3cretabc"))));
});

test("the hashed copy of the password is wiped", () => {
  let input: Uint8Array = new Uint8Array();
  const spy = (_: DigestName, bytes: Uint8Array) => {
    input = bytes;
    return new Uint8Array(16);
  };
  authResponse(spy, { name: "md5", legacy: false }, password, "challenge");
  expect(input).toEqual(new Uint8Array(15));
});

test.each([
  ["sha512", 86],
  ["sha256", 43],
  ["sha1", 27],
  ["md5", 22],
  ["md4", 22],
] as const)("a %s challenge has %d characters", (name, length) => {
  expect(makeChallenge(digest, name, new Uint8Array(32)).length).toBe(length);
});

test("a challenge needs 32 random bytes", () => {
  expect(() => makeChallenge(digest, "md5", new Uint8Array(31))).toThrow(RangeError);
});

test.each([
  [["md4", "md5", "sha1"], 32, "sha1", false],
  [["MD5"], 32, "md5", false],
  [["md4"], 29, "md4", false],
  [null, 31, "md5", false],
  [null, 30, "md5", false],
  [null, 29, "md4", true],
] as const)(
  "with %j at protocol %d the digest is %s (legacy %s)",
  (peer, protocol, name, legacy) => {
    expect(chooseDigest("client", DIGEST_NAMES, peer, protocol)).toEqual({ name, legacy });
    expect(chooseDigest("server", DIGEST_NAMES, peer, protocol)).toEqual({ name, legacy });
  },
);

test("without a common digest each side says so and ends with 4", () => {
  const choose = (role: "client" | "server") => {
    try {
      return chooseDigest(role, ["md5", "md4"], ["sha3"], 32);
    } catch (error) {
      return error;
    }
  };
  expect(choose("server")).toMatchObject({
    exitCode: 4,
    message: "your client does not support one of our daemon-auth checksums: md5 md4",
  });
  expect(choose("client")).toMatchObject({
    exitCode: 4,
    message:
      "Failed to negotiate a daemon auth checksum choice.\nServer list: sha3\nClient list: md5 md4",
  });
  expect(() => chooseDigest("client", ["sha1"], null, 32)).toThrow(RsyncError);
});

test("a reply splits at its first space, and trailing blanks stay in the response", () => {
  expect(parseAuthReply("alice abc ")).toEqual({ user: "alice", response: "abc " });
  expect(parseAuthReply("alice")).toEqual({ user: "alice", response: "" });
  expect(formatAuthReply({ user: "alice", response: "abc" })).toBe("alice abc");
});

test("base64 is Node's without padding", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      const expected = Buffer.from(bytes).toString("base64").replace(/=+$/, "");
      expect(encodeBase64(bytes)).toBe(expected);
    }),
  );
});

test("a constant-time comparison agrees with ===", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\0"), maxLength: 4 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(constantTimeEqual(a, b)).toBe(a === b);
    }),
    { numRuns: 500 },
  );
});
