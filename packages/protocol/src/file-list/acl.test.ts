import { describe, expect, test } from "vitest";
import { ProtocolError } from "../errors.js";
import { createCursor, createWriter, finish } from "../wire/index.js";
import { AclReader, AclWriter, type WireAcl } from "./acl.js";
import { AnnouncedIds } from "./announced-ids.js";
import { createEntry, extraOf } from "./file-entry.js";

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");
const named = (id: number, isUser: boolean, permissions: number) => ({
  id,
  isUser,
  permissions,
  name: null,
});
const acl = (group: number, ...entries: WireAcl["named"]): WireAcl => ({
  user: -1,
  group,
  mask: -1,
  other: -1,
  named: entries,
});

function exitCode(hex: string): number {
  try {
    new AclReader().read(createCursor(bytesOf(hex)), createEntry("x", 0o100644), false);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ProtocolError);
    return (thrown as ProtocolError).exitCode;
  }
  return 0;
}

test.each([
  ["a number without literal", "01", 12],
  ["a negative number", "f0 ff ff ff ff", 12],
  ["permissions above 7", "00 01 08", 12],
  ["negative permissions", "00 02 f0 ff ff ff ff", 12],
  ["named permissions above 7", "00 10 01 05 20", 12],
  ["negative named permissions", "00 10 01 05 f0 ff ff ff ff", 12],
  ["a negative count", "00 10 f0 ff ff ff ff", 2],
  ["a count above 65536", "00 10 c1 01 00", 2],
])("%s is refused", (_, hex, code) => expect(exitCode(hex)).toBe(code));

test("the example of 2.12.3 is written as the specification shows", () => {
  const file = createEntry("x", 0o100660);
  extraOf(file).accessAcl = acl(4, named(1, true, 6), named(2, false, 4));
  const writer = createWriter();
  const ids = new AnnouncedIds(null);
  new AclWriter(ids, ids, true).write(writer, file, false);
  expect(finish(writer)).toEqual(new Uint8Array(bytesOf("00 12 04 02 01 1a 02 10")));
});

describe("what was sent before goes by its number", () => {
  const write = (namesInside: boolean) => {
    const users = new AnnouncedIds((id) => `u${id}`);
    const groups = new AnnouncedIds((id) => `g${id}`);
    const acls = new AclWriter(users, groups, namesInside);
    const writer = createWriter();
    for (const list of [acl(4, named(1, true, 6)), null, acl(4, named(1, true, 6)), null]) {
      const directory = createEntry("d", 0o40755);
      if (list !== null) extraOf(directory).accessAcl = list;
      acls.write(writer, directory, true);
    }
    return Buffer.from(finish(writer)).toString("hex");
  };

  test("with names inside", () => {
    expect(write(true)).toBe("00120401011b027531 0000 0000 01 01 01 02 01".replaceAll(" ", ""));
  });

  test("without names inside", () => {
    expect(write(false)).toBe("00120401011a 0000 0000 01 01 01 02 01".replaceAll(" ", ""));
  });
});
