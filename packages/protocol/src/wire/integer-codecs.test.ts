import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtocolError, StreamError } from "../errors.js";
import { type Cursor, createCursor, UNDERFLOW } from "./cursor.js";
import { readInt, readShortint, writeInt, writeShortint } from "./integers.js";
import { readLongint, writeLongint } from "./longint.js";
import { readVarint, readVarintIn, writeVarint } from "./varint.js";
import { readVarlong, writeVarlong } from "./varlong.js";
import { createWriter, finish, type Writer } from "./writer.js";

type Read = (cursor: Cursor) => number;
type Write = (writer: Writer, value: number) => void;

const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const encode = (write: Write, value: number): string => {
  const writer = createWriter(1);
  write(writer, value);
  return Buffer.from(finish(writer)).toString("hex");
};

const varlong = (min: number): [Read, Write] => [
  (cursor) => readVarlong(cursor, min),
  (writer, value) => writeVarlong(writer, value, min),
];

/** The table of docs/protocol/1-session.md, 1: value, varint, varlong(3), varlong(4), longint. */
const TABLE: [number, string | null, string, string, string][] = [
  [0, "00", "00 00 00", "00 00 00 00", "00 00 00 00"],
  [1, "01", "00 01 00", "00 01 00 00", "01 00 00 00"],
  [127, "7f", "00 7f 00", "00 7f 00 00", "7f 00 00 00"],
  [128, "80 80", "00 80 00", "00 80 00 00", "80 00 00 00"],
  [255, "80 ff", "00 ff 00", "00 ff 00 00", "ff 00 00 00"],
  [256, "81 00", "00 00 01", "00 00 01 00", "00 01 00 00"],
  [16383, "bf ff", "00 ff 3f", "00 ff 3f 00", "ff 3f 00 00"],
  [16384, "c0 00 40", "00 00 40", "00 00 40 00", "00 40 00 00"],
  [65535, "c0 ff ff", "00 ff ff", "00 ff ff 00", "ff ff 00 00"],
  [65536, "c1 00 00", "01 00 00", "00 00 00 01", "00 00 01 00"],
  [0x1fffff, "df ff ff", "1f ff ff", "00 ff ff 1f", "ff ff 1f 00"],
  [0x200000, "e0 00 00 20", "20 00 00", "00 00 00 20", "00 00 20 00"],
  [0x7fffff, "e0 ff ff 7f", "7f ff ff", "00 ff ff 7f", "ff ff 7f 00"],
  [0x800000, "e0 00 00 80", "80 00 00 80", "00 00 00 80", "00 00 80 00"],
  [0x0fffffff, "ef ff ff ff", "8f ff ff ff", "0f ff ff ff", "ff ff ff 0f"],
  [0x10000000, "f0 00 00 00 10", "90 00 00 00", "10 00 00 00", "00 00 00 10"],
  [0x3fffffff, "f0 ff ff ff 3f", "bf ff ff ff", "3f ff ff ff", "ff ff ff 3f"],
  [0x40000000, "f0 00 00 00 40", "c0 00 00 00 40", "40 00 00 00", "00 00 00 40"],
  [0x7fffffff, "f0 ff ff ff 7f", "c0 ff ff ff 7f", "7f ff ff ff", "ff ff ff 7f"],
  [0x80000000, null, "c0 00 00 00 80", "80 00 00 00 80", "ff ff ff ff 00 00 00 80 00 00 00 00"],
  [0x100000000, null, "c1 00 00 00 00", "81 00 00 00 00", "ff ff ff ff 00 00 00 00 01 00 00 00"],
  [
    0x10000000000,
    null,
    "e1 00 00 00 00 00",
    "c1 00 00 00 00 00",
    "ff ff ff ff 00 00 00 00 00 01 00 00",
  ],
  [
    -1,
    "f0 ff ff ff ff",
    "fc ff ff ff ff ff ff ff ff",
    "f8 ff ff ff ff ff ff ff ff",
    "ff ".repeat(12),
  ],
  [
    -2147483648,
    "f0 00 00 00 80",
    "fc 00 00 00 80 ff ff ff ff",
    "f8 00 00 00 80 ff ff ff ff",
    "ff ff ff ff 00 00 00 80 ff ff ff ff",
  ],
];

describe.each([
  ["varint", 1, readVarint, writeVarint],
  ["varlong(3)", 2, ...varlong(3)],
  ["varlong(4)", 3, ...varlong(4)],
  ["longint", 4, readLongint, writeLongint],
] as [string, 1 | 2 | 3 | 4, Read, Write][])("%s", (_name, column, read, write) => {
  test.each(TABLE.filter((row) => row[column] !== null))(
    "%d is as in the specification",
    (...row) => {
      const hex = (row[column] as string).replaceAll(" ", "");
      expect(encode(write, row[0])).toBe(hex);
      expect(read(createCursor(fromHex(hex)))).toBe(row[0]);
    },
  );
});

const codecs: [string, fc.Arbitrary<number>, Read, Write][] = [
  ["shortint", fc.integer({ min: 0, max: 0xffff }), readShortint, writeShortint],
  ["int", fc.integer(), readInt, writeInt],
  ["varint", fc.integer(), readVarint, writeVarint],
  ["varlong(3)", fc.maxSafeInteger(), ...varlong(3)],
  ["varlong(4)", fc.maxSafeInteger(), ...varlong(4)],
  ["longint", fc.maxSafeInteger(), readLongint, writeLongint],
];

test.each(codecs)(
  "any %s survives a round trip, and every prefix of it underflows",
  (_n, values, read, write) => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = fromHex(encode(write, value));
        expect(read(createCursor(bytes))).toBe(value);
        for (let cut = 0; cut < bytes.length; cut++) {
          expect(() => read(createCursor(bytes.subarray(0, cut)))).toThrow(UNDERFLOW);
        }
      }),
    );
  },
);

test.each(codecs)(
  "hostile bytes read as %s give a value or a ProtocolError",
  (_n, _values, read) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (bytes) => {
        try {
          expect(Number.isSafeInteger(read(createCursor(bytes)))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  },
);

test.each(["f8", "fc", "ff"])("%s starts no varint", (hex) => {
  expect(() => readVarint(createCursor(fromHex(hex)))).toThrow(StreamError);
});

test("a varlong of more than nine bytes is refused", () => {
  expect(() => readVarlong(createCursor(fromHex("fc 00 00 00")), 4)).toThrow(StreamError);
});

test("a longer form of a varint than needed is accepted", () => {
  expect(readVarint(createCursor(fromHex("f0 01 00 00 00")))).toBe(1);
});

test("a 64-bit value that a number can not hold is refused", () => {
  const tooBig = fromHex("ff ff ff ff 00 00 00 00 00 00 20 00");
  expect(() => readLongint(createCursor(tooBig))).toThrow(ProtocolError);
});

test("a bounded read takes both ends and names the field beyond them", () => {
  const bounded = (value: number) =>
    readVarintIn(createCursor(fromHex(encode(writeVarint, value))), "ID count", 0, 4);
  expect([bounded(0), bounded(4)]).toEqual([0, 4]);
  expect(() => bounded(-1)).toThrow(ProtocolError);
  expect(() => bounded(5)).toThrow("ID count: expected 0..4, got 5");
});

test.each([2 ** 31, 0.5, Number.NaN])("%d is refused by the varint writer", (value) => {
  expect(() => encode(writeVarint, value)).toThrow(RangeError);
});

test.each([2 ** 53, 0.5])("%d is refused by the 64-bit writers", (value) => {
  expect(() => encode(writeLongint, value)).toThrow(RangeError);
  expect(() => encode(varlong(3)[1], value)).toThrow(RangeError);
});
