import fc from "fast-check";
import { expect, test } from "vitest";
import { ProtocolError, StartError } from "../errors.js";
import { formatGreeting, negotiateProtocol, parseGreeting } from "./greeting.js";

const GREETING = "@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4";

test("the greeting of rsync 3.5.0 is read and written alike", () => {
  const greeting = { version: 32, sub: 0, digests: ["sha512", "sha256", "sha1", "md5", "md4"] };
  expect(parseGreeting(GREETING, "client")).toEqual(greeting);
  expect(formatGreeting(greeting)).toBe(GREETING);
});

test.each([
  ["@RSYNCD: 29", { version: 29, sub: 0, digests: null }],
  ["@RSYNCD: 30.0", { version: 30, sub: 0, digests: null }],
  ["@RSYNCD: 31.14", { version: 31, sub: 14, digests: null }],
  ["@RSYNCD: 32.0 ", { version: 32, sub: 0, digests: [] }],
  ["@RSYNCD: 31.0  md5  md4 ", { version: 31, sub: 0, digests: ["md5", "md4"] }],
])("%j is a greeting", (line, greeting) => {
  expect(parseGreeting(line, "server")).toEqual(greeting);
});

test.each([
  [null, "did not see server greeting", "protocol startup error"],
  ["hello", 'server sent "hello" rather than greeting', "protocol startup error"],
  ["@RSYNCD: x", 'server sent "@RSYNCD: x" rather than greeting', "protocol startup error"],
  [
    "@RSYNCD: 31 md5",
    "the server omitted the subprotocol value: @RSYNCD: 31 md5",
    "your client omitted the subprotocol value: @RSYNCD: 31 md5",
  ],
  [
    "@RSYNCD: 32.0",
    "the server omitted the digest name list: @RSYNCD: 32.0",
    "your client omitted the digest name list: @RSYNCD: 32.0",
  ],
])("%j is refused in the words of each side", (line, client, server) => {
  expect(() => parseGreeting(line, "client")).toThrow(new StartError(client));
  expect(() => parseGreeting(line, "server")).toThrow(new StartError(server));
});

test("any line gives a greeting or a StartError", () => {
  const line = fc.oneof(
    fc.string({ unit: "binary-ascii" }),
    fc.string().map((s) => `@RSYNCD: ${s}`),
  );
  fc.assert(
    fc.property(line, (text) => {
      try {
        expect(parseGreeting(text, "server").version).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toBeInstanceOf(StartError);
      }
    }),
  );
});

const at = (text: string) => {
  const [version, sub] = text.split(".").map(Number) as [number, number];
  return { version, sub };
};

test.each([
  ["32.0", "32.0", 32],
  ["32.0", "31.0", 31],
  ["31.0", "32.0", 31],
  ["32.0", "31.1", 30],
  ["32.0", "30.3", 29],
  ["32.0", "32.1", 31],
  ["32.2", "32.2", 32],
  ["32.0", "33.4", 32],
  ["31.2", "32.0", 30],
  ["32.0", "40.0", 32],
  ["32.0", "28.0", 28],
])("%s and %s speak %d", (local, remote, version) => {
  expect(negotiateProtocol(at(local), at(remote))).toBe(version);
});

test.each(["19.0", "41.0", "1701013618.0"])("%s is not rsync", (remote) => {
  expect(() => negotiateProtocol(at("32.0"), at(remote))).toThrow(
    new ProtocolError("protocol version mismatch -- is your shell clean?"),
  );
});

test.each(["20.0", "22.0", "23.1"])("%s is too old for a daemon of ours", (remote) => {
  expect(() => negotiateProtocol(at("32.0"), at(remote))).toThrow("expected 23 or later");
});
