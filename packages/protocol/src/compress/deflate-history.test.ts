import fc from "fast-check";
import { expect, test } from "vitest";
import { DeflateHistory, HISTORY_BYTES, historyOfBlock } from "./index.js";

test("the history is the end of all that was appended", () => {
  const piece = fc.record({
    length: fc.oneof(fc.nat(100), fc.nat(3 * HISTORY_BYTES)),
    byte: fc.nat(255),
  });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.nat(HISTORY_BYTES), (pieces, limit) => {
      const history = new DeflateHistory();
      const all: Uint8Array[] = [];
      for (const { length, byte } of pieces) {
        const bytes = new Uint8Array(length).fill(byte);
        history.append(bytes);
        all.push(bytes);
      }
      const tail = (count: number) =>
        count === 0 ? Buffer.alloc(0) : Buffer.concat(all).subarray(-count);
      expect(Buffer.from(history.recent()).equals(tail(HISTORY_BYTES))).toBe(true);
      if (limit > 0) expect(Buffer.from(history.recent(limit)).equals(tail(limit))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("a new file has no history", () => {
  const history = new DeflateHistory();
  history.append(new Uint8Array(100));
  history.clear();
  expect(history.recent().length).toBe(0);
});

test("a block's history is its end, below protocol 31 what rsync makes of it", () => {
  // The pieces as the reader of rsync feeds them, one after the other.
  const pieces = (size: number, protocol: number) => {
    const offsets: number[] = [];
    for (let done = 0; done < size; done += 0xffff) {
      const start = protocol >= 31 ? done : 0;
      for (let i = 0; i < Math.min(0xffff, size - done); i++) offsets.push(start + i);
    }
    return offsets.slice(-HISTORY_BYTES);
  };
  const sizes = [1, 700, 32_768, 40_000, 65_535, 65_536, 66_000, 98_303, 98_304, 131_070, 131_072];
  for (const protocol of [30, 31]) {
    for (const size of sizes) {
      const offsets = historyOfBlock(size, protocol).flatMap(({ offset, length }) =>
        Array.from({ length }, (_, i) => offset + i),
      );
      expect(offsets, `${size} at ${protocol}`).toEqual(pieces(size, protocol));
    }
  }
});
