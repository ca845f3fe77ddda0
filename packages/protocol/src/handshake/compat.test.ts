import { expect, test } from "vitest";
import { createCursor, createWriter, finish } from "../wire/index.js";
import {
  advertisedProtocol,
  checkCompatFlags,
  compatFlagsForClient,
  readCompatFlags,
  writeCompatFlags,
} from "./compat.js";

const able = { incRecurse: true, symlinkTimes: true, symlinkIconv: true };

// What a 3.5.0 server answered to clients of four versions, docs/protocol/1-session.md 5.3.
test.each([
  [".LsfxCIvu", "81fe"],
  [".LsfxCIv", "80fe"],
  [".LsfxC", "3e"],
  [".Ls", "06"],
  [".L", "06"],
  ["", "06"],
  [".iLsfxCIvu", "81ff"],
  [".LsfxCIvu?!", "81fe"],
])("a client with %j gets %s", (capabilities, hex) => {
  const writer = createWriter();
  const flags = compatFlagsForClient(capabilities, able);
  writeCompatFlags(writer, flags);
  const bytes = finish(writer);
  expect(Buffer.from(bytes).toString("hex")).toBe(hex);
  expect(readCompatFlags(createCursor(bytes))).toBe(flags);
});

test("a server sets no flag for what it can not do", () => {
  const unable = { incRecurse: false, symlinkTimes: false, symlinkIconv: false };
  expect(compatFlagsForClient(".iLsfxCIvu", unable)).toBe(0x1f8);
  expect(compatFlagsForClient("32.1iLsfxCIvu", able)).toBe(0x1ff);
});

test("a negative varint is no set of flags", () => {
  expect(() => readCompatFlags(createCursor(Buffer.from("f0ffffffff", "hex")))).toThrow(
    "compatibility flags",
  );
});

test("a client refuses incremental recursion that it did not offer, and creation times without varint flags", () => {
  const check = (flags: number, capabilities: string, crtimes: boolean) => () =>
    checkCompatFlags(flags, capabilities, crtimes);
  expect(check(0x1ff, ".iLsfxCIvu", true)).not.toThrow();
  expect(check(0x1fe, ".LsfxCIvu", true)).not.toThrow();
  expect(check(0x1ff, ".LsfxCIvu", false)).toThrow(expect.objectContaining({ exitCode: 1 }));
  expect(check(0x006, ".LsfxCIvu", true)).toThrow(expect.objectContaining({ exitCode: 2 }));
});

test.each([
  [".LsfxCIvu", 32],
  ["32.1LsfxCIvu", 31],
  ["31.1Lsf", 30],
  ["30.3", 29],
  ["33.4LsfxCIvu", 32],
  ["31.0Lsf", 32],
])("to a client with %j a server of 32 announces %d", (capabilities, version) => {
  expect(advertisedProtocol({ version: 32, sub: 0 }, capabilities)).toBe(version);
});
