import fc from "fast-check";
import { expect, test } from "vitest";
import { ProtocolError } from "../errors.js";
import type { XattrList } from "../file-list/index.js";
import { createCursor, createWriter, finish, UNDERFLOW } from "../wire/index.js";
import {
  readXattrRequest,
  writeXattrReplyEnd,
  writeXattrRequest,
  writeXattrValue,
  XattrReplyReader,
} from "./index.js";

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Attributes of which the first is short and the others long. */
const listOf = (count: number): XattrList => ({
  items: Array.from({ length: count }, (_, index) => ({
    name: `user.${index}`,
    length: index === 0 ? 1 : 100,
    value: index === 0 ? new Uint8Array(1) : null,
    digest: index === 0 ? null : new Uint8Array(16),
  })),
});

const requested = (hex: string, count = 5) =>
  readXattrRequest(createCursor(bytesOf(hex)), listOf(count));

const encodedRequest = (numbers: number[]) => {
  const writer = createWriter();
  writeXattrRequest(writer, numbers);
  return finish(writer);
};

const encodedReply = (values: [number, Uint8Array][]) => {
  const writer = createWriter();
  let last = 0;
  for (const [number, value] of values) {
    writeXattrValue(writer, last, number, value);
    last = number;
  }
  writeXattrReplyEnd(writer);
  return finish(writer);
};

test("the request of the specification's example, and its reply", () => {
  const list: XattrList = {
    items: [{ name: "user.long", length: 40, value: null, digest: new Uint8Array(16) }],
  };
  expect(readXattrRequest(createCursor(bytesOf("01 00")), list)).toEqual([1]);
  expect(hexOf(encodedRequest([1]))).toBe("0100");
  const value = new Uint8Array(40).fill(0x76);
  const reply = encodedReply([[1, value]]);
  expect(hexOf(reply)).toBe(`0128${"76".repeat(40)}00`);
  expect(new XattrReplyReader(list).read(createCursor(reply))).toBe(true);
  expect(list.items[0]!.value).toEqual(value);
});

test("nothing asked for is a zero, also where there are no attributes", () => {
  expect(readXattrRequest(createCursor(bytesOf("00")), null)).toEqual([]);
  expect(new XattrReplyReader(null).read(createCursor(bytesOf("00")))).toBe(true);
});

test("numbers may go back", () => {
  expect(requested(hexOf(encodedRequest([4, 2, 3])))).toEqual([4, 2, 3]);
});

test.each([
  ["a number beyond the list", "06 00"],
  ["a number before it", "02 f0 fd ff ff ff 00"],
  ["a value that travelled in the entry", "01 00"],
  ["the same value twice", "02 01 f0 ff ff ff ff 00"],
])("a request for %s is refused", (_, hex) => {
  expect(() => requested(hex)).toThrow(ProtocolError);
});

test.each([
  ["a number beyond the list", "06 00 00"],
  ["a value that travelled in the entry", "01 00 00"],
  ["the same value twice", "02 00 01 00 f0 ff ff ff ff 00 00"],
  ["a negative length", "02 f0 ff ff ff ff"],
  ["a length above 128 MiB", "02 f0 01 00 00 08"],
])("a reply with %s is refused", (_, hex) => {
  const reader = new XattrReplyReader(listOf(5));
  expect(() => reader.read(createCursor(bytesOf(hex)))).toThrow(ProtocolError);
});

test("values of more than 512 MiB together are refused before the last of them is taken", () => {
  const reader = new XattrReplyReader(listOf(7));
  const length = 128 * 1024 * 1024;
  const chunk = new Uint8Array(length);
  const cursorOf = (hex: string) => createCursor(bytesOf(hex));
  for (const number of ["02", "01", "01", "01"]) {
    expect(reader.read(cursorOf(`${number} f0 00 00 00 08`))).toBe(false);
    expect(reader.read(createCursor(chunk))).toBe(false);
  }
  expect(() => reader.read(cursorOf("01 01"))).toThrow("536870912");
}, 30_000);

test("any request survives, and every prefix of it runs short", () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 2, max: 300 }), { maxLength: 20 });
  fc.assert(
    fc.property(numbers, (wanted) => {
      const bytes = encodedRequest(wanted);
      const list = listOf(300);
      expect(readXattrRequest(createCursor(bytes), list)).toEqual(wanted);
      for (let cut = 0; cut < bytes.length; cut++) {
        const cursor = createCursor(bytes.subarray(0, cut));
        expect(() => readXattrRequest(cursor, list)).toThrow(UNDERFLOW);
      }
    }),
  );
});

test("any reply survives, however it is cut", () => {
  const values = fc.uniqueArray(
    fc.tuple(fc.integer({ min: 2, max: 9 }), fc.uint8Array({ maxLength: 300 })),
    { selector: ([number]) => number, maxLength: 5 },
  );
  fc.assert(
    fc.property(values, fc.array(fc.integer({ min: 0, max: 400 })), (sent, cuts) => {
      const bytes = encodedReply(sent);
      const list = listOf(9);
      const reader = new XattrReplyReader(list);
      const places = [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b)];
      let offset = 0;
      for (const end of [...places, bytes.length]) {
        const cursor = createCursor(bytes.subarray(offset, end));
        expect(reader.read(cursor)).toBe(end === bytes.length);
        offset += cursor.offset;
      }
      expect(offset).toBe(bytes.length);
      for (const [number, value] of sent) expect(list.items[number - 1]!.value).toEqual(value);
    }),
  );
});
