import fc from "fast-check";
import { expect, test } from "vitest";
import { ProtocolError } from "../errors.js";
import { byteStringFromText, decodeByteString, encodeByteString } from "./byte-string.js";
import { createCursor, UNDERFLOW } from "./cursor.js";
import { readVstring, writeVstring } from "./vstring.js";
import { createWriter, finish } from "./writer.js";

const byteStrings = fc
  .uint8Array({ maxLength: 400 })
  .map((bytes) => Buffer.from(bytes).toString("latin1"));

test("any bytes survive as a ByteString", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 9000 }), (bytes) => {
      expect(encodeByteString(decodeByteString(bytes))).toEqual(bytes);
    }),
  );
});

test("ordinary text becomes its UTF-8 bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(byteStringFromText(text)).toBe(Buffer.from(text, "utf8").toString("latin1"));
    }),
  );
  expect(byteStringFromText("\ud800")).toBe("\xef\xbf\xbd");
});

test.each([
  [5, "05"],
  [127, "7f"],
  [128, "8080"],
  [151, "8097"],
  [300, "812c"],
])("the length %d is written as %s", (length, hex) => {
  const writer = createWriter();
  writeVstring(writer, "x".repeat(length));
  expect(Buffer.from(finish(writer)).toString("hex").startsWith(hex)).toBe(true);
});

test("any vstring survives a round trip, and every prefix of it underflows", () => {
  fc.assert(
    fc.property(byteStrings, (text) => {
      const writer = createWriter();
      writeVstring(writer, text);
      const bytes = finish(writer);
      expect(readVstring(createCursor(bytes), "text", 400)).toBe(text);
      for (let cut = 0; cut < bytes.length; cut += 7) {
        expect(() => readVstring(createCursor(bytes.subarray(0, cut)), "text", 400)).toThrow(
          UNDERFLOW,
        );
      }
    }),
  );
});

test("a vstring beyond its limit is refused before its bytes are there", () => {
  expect(() => readVstring(createCursor(Uint8Array.of(0xff, 0xff)), "xname", 4095)).toThrow(
    ProtocolError,
  );
  expect(() => writeVstring(createWriter(), "x".repeat(32768))).toThrow(RangeError);
});
