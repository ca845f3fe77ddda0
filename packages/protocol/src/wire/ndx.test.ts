import fc from "fast-check";
import { expect, test } from "vitest";
import { ProtocolError } from "../errors.js";
import { createCursor, UNDERFLOW } from "./cursor.js";
import { createNdxState, readNdx, writeNdx } from "./ndx.js";
import { createWriter, finish } from "./writer.js";

const encodeAll = (values: number[], protocol = 32): Uint8Array => {
  const writer = createWriter();
  const state = createNdxState();
  for (const value of values) writeNdx(writer, state, protocol, value);
  return finish(writer);
};

const decodeAll = (bytes: Uint8Array, count: number, protocol = 32): number[] => {
  const cursor = createCursor(bytes);
  const state = createNdxState();
  return Array.from({ length: count }, () => readNdx(cursor, state, protocol));
};

// docs/protocol/1-session.md, 1, last table
test.each([
  [[0, 1], "01 01"],
  [[1, 2, 255, 509, 510, 764], "02 01 fd fe 00 fe 01 fe 00 fe"],
  [[764, 33531, 66299], "fe 02 fd fe 7f ff fe 80 fb 02 01"],
  [[1, 1], "02 fe 00 00"],
  [[5, 2], "06 fe 80 02 00 00"],
  [[0x7fffffff], "fe ff ff ff ff"],
  [[-102, -103, -104, -2, -3], "ff 65 ff 01 ff 01 ff fe 80 02 00 00 ff 01"],
  [[-3], "ff 02"],
  [[-1, -1], "00 00"],
])("%j is sent as %s", (values, hex) => {
  expect(Buffer.from(encodeAll(values)).toString("hex")).toBe(hex.replaceAll(" ", ""));
  expect(decodeAll(encodeAll(values), values.length)).toEqual(values);
});

const indexes = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 0x7fffffff }),
    fc.integer({ min: 0, max: 300 }),
    fc.integer({ min: -0x7fffffff, max: -1 }),
  ),
);

test.each([28, 30])("any sequence of indexes survives protocol %d", (protocol) => {
  fc.assert(
    fc.property(indexes, (values) => {
      expect(decodeAll(encodeAll(values, protocol), values.length, protocol)).toEqual(values);
    }),
  );
});

test("running short leaves the memory of the reader unchanged", () => {
  fc.assert(
    fc.property(fc.integer({ min: -0x7fffffff, max: 0x7fffffff }), (value) => {
      const bytes = encodeAll([value]);
      for (let cut = 0; cut < bytes.length; cut++) {
        const state = createNdxState();
        expect(() => readNdx(createCursor(bytes.subarray(0, cut)), state, 32)).toThrow(UNDERFLOW);
        expect(state).toEqual(createNdxState());
      }
    }),
  );
});

test("an index above 2^31 - 1 is refused", () => {
  const cursor = createCursor(Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0xff, 0x01));
  const state = createNdxState();
  readNdx(cursor, state, 32);
  expect(() => readNdx(cursor, state, 32)).toThrow(ProtocolError);
});
