import fc from "fast-check";
import { expect, test } from "vitest";
import { createCursor, UNDERFLOW } from "../wire/cursor.js";
import { createNdxState } from "../wire/ndx.js";
import { createWriter, finish } from "../wire/writer.js";
import { readDeletionCounters, writeDeletionCounters } from "./deletion-counters.js";
import { BasisType, ItemFlag } from "./item-flags.js";
import { type ItemRecord, readItemRecord, writeItemRecord } from "./item-record.js";
import { readSenderStatistics, writeSenderStatistics } from "./sender-statistics.js";

const records: fc.Arbitrary<ItemRecord> = fc
  .record({
    ndx: fc.integer({ min: 0, max: 0x7fffffff }),
    flags: fc.integer({ min: 0, max: 0xffff }),
    basisType: fc.integer({ min: 0, max: 255 }),
    xname: fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b).toString("latin1")),
  })
  .map((record) => ({
    ...record,
    basisType: record.flags & ItemFlag.BasisTypeFollows ? record.basisType : BasisType.Destination,
    xname: record.flags & ItemFlag.XnameFollows ? record.xname : null,
  }));

test.each([29, 30, 32])(
  "any record survives protocol %d, and a cut one leaves no trace",
  (protocol) => {
    fc.assert(
      fc.property(records, (record) => {
        const writer = createWriter();
        writeItemRecord(writer, createNdxState(), protocol, record);
        const bytes = finish(writer);
        expect(readItemRecord(createCursor(bytes), createNdxState(), protocol)).toEqual(record);
        for (let cut = 0; cut < Math.min(bytes.length, 12); cut++) {
          const state = createNdxState();
          const short = createCursor(bytes.subarray(0, cut));
          expect(() => readItemRecord(short, state, protocol)).toThrow(UNDERFLOW);
          expect(state).toEqual(createNdxState());
        }
      }),
    );
  },
);

test("protocol 28 has only the index, and every record asks for a transfer", () => {
  const record = readItemRecord(createCursor(Uint8Array.of(7, 0, 0, 0)), createNdxState(), 28);
  expect(record).toEqual({ ndx: 7, flags: ItemFlag.Transfer, basisType: 0x80, xname: null });
});

test("the deletion counters are as captured", () => {
  const bytes = Uint8Array.of(4, 2, 1, 0, 1);
  const counters = readDeletionCounters(createCursor(bytes));
  expect(counters).toEqual({ files: 4, directories: 2, symlinks: 1, devices: 0, specials: 1 });
  const writer = createWriter();
  writeDeletionCounters(writer, counters);
  expect(finish(writer)).toEqual(bytes);
});

test.each([
  [28, "3c 00 00 00 75 00 00 00 38 00 00 00"],
  [32, "00 2b 00 00 62 00 00 0c 00 00 01 00 00 00 00"],
])("the statistics of protocol %d are as captured", (protocol, hex) => {
  const bytes = Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
  const statistics = readSenderStatistics(createCursor(bytes), protocol);
  const writer = createWriter();
  writeSenderStatistics(writer, protocol, statistics);
  expect(finish(writer)).toEqual(bytes);
  expect(statistics.totalSize).toBe(protocol === 28 ? 56 : 12);
});
