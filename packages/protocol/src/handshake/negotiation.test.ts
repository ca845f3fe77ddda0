import fc from "fast-check";
import { expect, test } from "vitest";
import { UnsupportedError } from "../errors.js";
import { createCursor, createWriter, finish } from "../wire/index.js";
import { chooseByClientOrder, namesToOffer, readNameList, writeNameList } from "./name-list.js";
import {
  concludeNegotiation,
  listsToSend,
  type NegotiationInput,
  parseChecksumChoice,
  parseCompressChoice,
} from "./negotiation.js";

const SUMS = ["none", "sha1", "md4", "md5", "xxh64", "xxh3", "xxh128"];

const input = (changes: Partial<NegotiationInput> = {}): NegotiationInput => ({
  role: "client",
  protocol: 32,
  compatFlags: 0x1fe,
  checksum: { supported: SUMS, forced: null },
  compress: { wanted: false, supported: ["zlibx", "zlib", "none"], forced: null },
  ...changes,
});

test("the default lists are those of rsync 3.5.0, byte for byte", () => {
  const written = (role: "client" | "server") => {
    const writer = createWriter();
    writeNameList(writer, namesToOffer("checksum", role, SUMS, undefined));
    return Buffer.from(finish(writer)).toString("latin1");
  };
  expect(written("client")).toBe("\x1exxh128 xxh3 xxh64 md5 md4 sha1");
  expect(written("server")).toBe("\x23xxh128 xxh3 xxh64 md5 md4 sha1 none");
});

test.each([
  ["md5 md4", "client", "md5 md4"],
  ["MD4  xxhash\tmd4 foo xxh64", "client", "xxh64 md4"],
  ["md5 & md4", "client", "md5"],
  ["md5 & md4", "server", "md4"],
  ["md5&md4", "server", "md4"],
  ["md5&md4", "client", "md5"],
  ["& md4", "client", "xxh128 xxh3 xxh64 md5 md4 sha1"],
  ["  ", "client", "xxh128 xxh3 xxh64 md5 md4 sha1"],
  ["none md5", "client", "md5 none"],
  ["foo", "server", ""],
] as const)("the environment %j offers as %s: %j", (environment, role, names) => {
  expect(namesToOffer("checksum", role, SUMS, environment).join(" ")).toBe(names);
});

test("a list without a name goes out as INVALID", () => {
  const writer = createWriter();
  writeNameList(writer, []);
  expect(readNameList(createCursor(finish(writer)), "checksum")).toEqual(["invalid"]);
});

test("a list may have 255 bytes and no more", () => {
  const writer = createWriter();
  writeNameList(writer, ["x".repeat(256)]);
  expect(() => readNameList(createCursor(finish(writer)), "checksum")).toThrow("checksum list");
});

test("both ends agree on the same names, whatever each supports", () => {
  fc.assert(
    fc.property(
      fc.subarray(SUMS, { minLength: 1 }),
      fc.subarray(SUMS, { minLength: 1 }),
      (a, b) => {
        const client = input({ checksum: { supported: a, forced: null } });
        const server = input({ role: "server", checksum: { supported: b, forced: null } });
        const outcome = (own: NegotiationInput, peer: NegotiationInput) => {
          try {
            return concludeNegotiation(own, listsToSend(peer)).transferChecksum;
          } catch (error) {
            expect(error).toBeInstanceOf(UnsupportedError);
            return null;
          }
        };
        expect(outcome(client, server)).toBe(outcome(server, client));
      },
    ),
  );
});

test("the client's order decides", () => {
  expect(chooseByClientOrder(["md5", "xxh128"], ["xxh128", "md5"])).toBe("md5");
  const server = input({ role: "server" });
  const peer = { checksum: ["md5", "xxh128"], compress: null };
  expect(concludeNegotiation(server, peer).transferChecksum).toBe("md5");
});

test("compression is negotiated only when it is on and not forced", () => {
  const on = { wanted: true, supported: ["zlibx", "zlib", "none"], forced: null };
  expect(listsToSend(input()).compress).toBeNull();
  expect(listsToSend(input({ compress: on })).compress).toEqual(["zlibx", "zlib"]);
  expect(listsToSend(input({ compress: { ...on, forced: "zlib" } })).compress).toBeNull();
  const peer = { checksum: ["md5"], compress: ["zstd", "zlib", "zlibx"] };
  expect(concludeNegotiation(input({ compress: on }), peer).compress).toBe("zlibx");
  expect(concludeNegotiation(input(), { ...peer, compress: null }).compress).toBe("none");
});

test.each([
  [32, "md5"],
  [30, "md5"],
  [29, "md4"],
])("without flag 0x80 nothing is sent and protocol %d means %s and zlib", (protocol, sum) => {
  const compress = { wanted: true, supported: ["zlib", "none"], forced: null };
  const old = input({ protocol, compatFlags: 0, compress });
  expect(listsToSend(old)).toEqual({ checksum: null, compress: null });
  expect(concludeNegotiation(old, { checksum: null, compress: null })).toEqual({
    transferChecksum: sum,
    fileChecksum: sum,
    compress: "zlib",
  });
});

test("an environment without the default of an old peer fails", () => {
  const checksum = { supported: SUMS, environment: "xxh64", forced: null };
  const old = input({ protocol: 31, compatFlags: 0, checksum });
  expect(() => concludeNegotiation(old, { checksum: null, compress: null })).toThrow(
    "Failed to negotiate a checksum choice.\nServer list: md5\nClient list: xxh64",
  );
});

test("no common name ends with 4 and shows both lists", () => {
  const attempt = () =>
    concludeNegotiation(
      input({ checksum: { supported: SUMS, environment: "foo", forced: null } }),
      {
        checksum: ["md4"],
        compress: null,
      },
    );
  expect(attempt).toThrow(
    expect.objectContaining({
      exitCode: 4,
      message: "Failed to negotiate a checksum choice.\nServer list: md4\nClient list: INVALID",
    }),
  );
});

test.each([
  ["md5", { transfer: "md5", file: "md5" }],
  ["MD5,XXHash", { transfer: "md5", file: "xxh64" }],
  ["none,auto", { transfer: "none", file: "auto" }],
  ["auto", null],
  ["auto,auto", null],
])("--checksum-choice=%s is understood", (value, choice) => {
  expect(parseChecksumChoice(value, SUMS)).toEqual(choice);
});

test("an unknown name is told as it was typed", () => {
  expect(() => parseChecksumChoice("md5,Foo", SUMS)).toThrow("unknown checksum name: Foo");
  expect(() => parseChecksumChoice("foo,md5", SUMS)).toThrow("unknown checksum name: foo,md5");
  expect(() => parseCompressChoice("zstd", ["zlib"])).toThrow("unknown compress name: zstd");
  expect(parseCompressChoice("AUTO", [])).toBeNull();
});

test("a forced choice sends no list; auto beside a name is the default of the protocol", () => {
  const forced = input({
    checksum: { supported: SUMS, forced: { transfer: "auto", file: "xxh3" } },
  });
  expect(listsToSend(forced).checksum).toBeNull();
  expect(concludeNegotiation(forced, { checksum: null, compress: null })).toMatchObject({
    transferChecksum: "md5",
    fileChecksum: "xxh3",
  });
});

test("a server refuses a forced name that its environment leaves out; a client does not care", () => {
  const checksum = {
    supported: SUMS,
    environment: "md4",
    forced: { transfer: "md5", file: "md5" },
  };
  const none = { checksum: null, compress: null };
  expect(() => concludeNegotiation(input({ role: "server", checksum }), none)).toThrow(
    "Your --checksum-choice value (md5) was refused by the server.",
  );
  expect(concludeNegotiation(input({ checksum }), none).transferChecksum).toBe("md5");
});
