import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtocolError } from "../errors.js";
import { createCursor, createWriter, UNDERFLOW, written } from "../wire/index.js";
import { readToken, storeLiteralHeader, writeEnd, writeMatch } from "./index.js";

describe("token", () => {
  test("of a block names it, up to the last one an int can", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 2), (block) => {
        const writer = createWriter();
        writeMatch(writer, block);
        expect(readToken(createCursor(written(writer)), block + 1)).toBe(-block - 1);
        expect(() => readToken(createCursor(written(writer)), block)).toThrow(ProtocolError);
      }),
    );
  });

  test("of literal data is its length, the end is 0, and both are four bytes", () => {
    const bytes = new Uint8Array(6).fill(0xee);
    storeLiteralHeader(bytes, 1, 17);
    expect([...bytes]).toEqual([0xee, 17, 0, 0, 0, 0xee]);
    expect(readToken(createCursor(bytes.subarray(1, 5)), 0)).toBe(17);
    const writer = createWriter();
    writeEnd(writer);
    expect([...written(writer)]).toEqual([0, 0, 0, 0]);
    expect(readToken(createCursor(written(writer)), 0)).toBe(0);
    expect(() => readToken(createCursor(bytes.subarray(1, 4)), 0)).toThrow(UNDERFLOW);
  });

  test("of any four bytes is a value in range or a ProtocolError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.nat(), (bytes, count) => {
        try {
          expect(readToken(createCursor(bytes), count)).toBeGreaterThanOrEqual(-count);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});
