import fc from "fast-check";
import { expect, test } from "vitest";
import { createCursor, createWriter, finish, UNDERFLOW } from "../wire/index.js";
import { AnnouncedIds } from "./announced-ids.js";
import { hasGroupList, hasUserList, IdListReader, readIdList, writeIdList } from "./id-list.js";
import { createListOptions } from "./list-options.js";

const names = fc.array(
  fc.record({
    id: fc.integer({ min: 1, max: 0xffffffff }),
    name: fc.string({ minLength: 1, maxLength: 255, unit: "binary-ascii" }),
  }),
);

test.each([
  [29, 0],
  [30, 0],
  [32, 0x1fe],
])("lists of protocol %i, compat flags %i, survive the wire in any pieces", (protocol, compat) => {
  const options = createListOptions(protocol, compat);
  fc.assert(
    fc.property(names, (list) => {
      const writer = createWriter();
      writeIdList(writer, options, list, "root");
      const bytes = finish(writer);
      const expected = options.id0Names ? [...list, { id: 0, name: "root" }] : list;
      expect(readIdList(createCursor(bytes), options)).toEqual(expected);

      const reader = new IdListReader(options);
      const cursor = createCursor(bytes);
      let start = 0;
      let more = true;
      for (cursor.end = 0; more; ) {
        cursor.offset = start;
        try {
          more = reader.readItem(cursor);
          start = cursor.offset;
        } catch (thrown) {
          expect(thrown).toBe(UNDERFLOW);
          cursor.end++;
        }
      }
      expect(reader.names).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

test("an id 0 without name is not in the result", () => {
  const options = createListOptions(32, 0x1fe);
  expect(readIdList(createCursor(Uint8Array.of(0, 0)), options)).toEqual([]);
});

test("the lists are there when names are needed and are not in the entries", () => {
  const which = (compat: number, given: Parameters<typeof createListOptions>[2]) => {
    const options = createListOptions(32, compat, given);
    return [hasUserList(options), hasGroupList(options)];
  };
  expect(which(0x1fe, { preserveUid: true })).toEqual([true, false]);
  expect(which(0x1fe, { preserveGid: true })).toEqual([false, true]);
  expect(which(0x1fe, { acls: true })).toEqual([true, true]);
  expect(which(0x1fe, { acls: true, numericIds: true })).toEqual([false, false]);
  expect(which(0x1ff, { preserveUid: true, preserveGid: true })).toEqual([false, false]);
});

test("an id is announced once, listed latest first, and 0 is never listed", () => {
  const ids = new AnnouncedIds((id) => (id === 3 ? null : `n${id}`));
  expect([1, 1, 3, 0, 2].map((id) => ids.announce(id))).toEqual(["n1", null, null, "n0", "n2"]);
  expect(ids.names()).toEqual([
    { id: 2, name: "n2" },
    { id: 1, name: "n1" },
  ]);
  expect(new AnnouncedIds(() => "x".repeat(256)).announce(1)).toBeNull();
});
