import fc from "fast-check";
import { expect, test } from "vitest";
import type { WireAcl } from "../file-list/index.js";
import {
  asModeLeaves,
  decodeFakeAcl,
  decodePosixAcl,
  encodeFakeAcl,
  encodePosixAcl,
  equalAcls,
  formatFakeStat,
  fullAccessAcl,
  fullDefaultAcl,
  isMinimalAcl,
  modeOfAcl,
  parseFakeStat,
  strippedAccessAcl,
} from "./index.js";

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const user = (id: number, permissions: number) => ({ id, isUser: true, permissions, name: null });
const group = (id: number, permissions: number) => ({ id, isUser: false, permissions, name: null });

/** The example of the specification, 2.12.3 and 2.12.4. */
const EXAMPLE: WireAcl = {
  user: 6,
  group: 4,
  mask: 6,
  other: 0,
  named: [user(1, 6), group(2, 4)],
};
const EXAMPLE_POSIX =
  "02000000 01000600ffffffff 0200060001000000 04000400ffffffff 0800040002000000 10000600ffffffff 20000000ffffffff";
const EXAMPLE_FAKE = "80000000 04000000 06000000 80000000 01000000 06000080 02000000 04000000";

test("an ACL in Linux's form is that of the specification, both ways", () => {
  expect(hexOf(encodePosixAcl(EXAMPLE))).toBe(EXAMPLE_POSIX.replaceAll(" ", ""));
  expect(decodePosixAcl(bytesOf(EXAMPLE_POSIX))).toEqual(EXAMPLE);
});

test("entries are written in the order that Linux wants", () => {
  const named = [group(9, 1), user(5, 2), group(3, 4), user(0xffff_fffe, 7), user(1, 1)];
  const sorted = [user(1, 1), user(5, 2), user(0xffff_fffe, 7), group(3, 4), group(9, 1)];
  expect(decodePosixAcl(encodePosixAcl({ ...EXAMPLE, named }))).toEqual({
    ...EXAMPLE,
    named: sorted,
  });
});

test.each([
  ["nothing", ""],
  ["another version", EXAMPLE_POSIX.replace("02", "03")],
  ["half an entry", "02000000 0100"],
  ["no user", "02000000 04000400ffffffff 20000000ffffffff"],
  ["no group", "02000000 01000400ffffffff 20000000ffffffff"],
  ["no other", "02000000 01000400ffffffff 04000000ffffffff"],
  ["an unknown tag", `${EXAMPLE_POSIX} 40000000ffffffff`],
  ["permissions above 7", EXAMPLE_POSIX.replace("01000600", "01000800")],
])("%s is no ACL", (_, hex) => {
  expect(decodePosixAcl(bytesOf(hex))).toBeNull();
});

test("an ACL in fake-super's form is that of the specification, both ways", () => {
  const stripped = { ...EXAMPLE, user: -1, other: -1 };
  expect(hexOf(encodeFakeAcl(stripped))).toBe(EXAMPLE_FAKE.replaceAll(" ", ""));
  expect(decodeFakeAcl(bytesOf(EXAMPLE_FAKE))).toEqual(stripped);
});

test.each([
  ["nothing", ""],
  ["a head cut short", EXAMPLE_FAKE.slice(0, 30)],
  ["half an entry", EXAMPLE_FAKE.slice(0, -9)],
  ["permissions above 7 in the head", EXAMPLE_FAKE.replace("06000000 8", "08000000 8")],
  ["permissions above 7 of an entry", EXAMPLE_FAKE.replace("06000080", "08000080")],
])("%s is no fake ACL", (_, hex) => {
  expect(decodeFakeAcl(bytesOf(hex))).toBeNull();
});

test.each([
  [
    0o660,
    "the group's own bits, which the mask hides",
    { group: 4, mask: -1, named: EXAMPLE.named },
  ],
  [0o640, "a mask that is not the mode's", { group: -1, mask: 6, named: EXAMPLE.named }],
])("of the example with mode %o travels %s", (mode, _, expected) => {
  expect(strippedAccessAcl(EXAMPLE, mode)).toEqual({ user: -1, other: -1, ...expected });
});

test("a mask alone travels, as long as the mode does not tell all of the ACL", () => {
  const acl = { user: 6, group: 4, mask: 6, other: 0, named: [] };
  expect(strippedAccessAcl(acl, 0o660)).toEqual({
    user: -1,
    group: 4,
    mask: 6,
    other: -1,
    named: [],
  });
  expect(strippedAccessAcl({ ...acl, mask: -1 }, 0o660)).toBeNull();
});

test("the mode wins over what came", () => {
  const wire = { user: 1, group: 4, mask: 7, other: 1, named: [user(1, 6)] };
  expect(fullAccessAcl(wire, 0o751)).toEqual({ ...wire, user: 7, mask: 5, other: 1 });
  expect(fullAccessAcl(null, 0o751)).toEqual({ user: 7, group: 5, mask: -1, other: 1, named: [] });
  const bare = { user: 1, group: 4, mask: -1, other: 1, named: [] };
  expect(isMinimalAcl(fullAccessAcl(bare, 0o751))).toBe(true);
});

test("a default ACL without mask gets one that takes nothing away", () => {
  const wire = { user: 7, group: 1, mask: -1, other: -1, named: [user(1, 4), group(2, 2)] };
  expect(fullDefaultAcl(wire)).toEqual({ ...wire, mask: 7, other: 0 });
  expect(fullDefaultAcl({ ...wire, named: [] }).mask).toBe(-1);
});

test("ACLs are equal in any order, and by who gets what", () => {
  const other = { ...EXAMPLE, named: EXAMPLE.named.toReversed() };
  expect(equalAcls(EXAMPLE, other)).toBe(true);
  expect(equalAcls(EXAMPLE, { ...EXAMPLE, named: [user(1, 6), user(2, 4)] })).toBe(false);
  expect(equalAcls(EXAMPLE, { ...EXAMPLE, named: [user(1, 6)] })).toBe(false);
  expect(equalAcls(EXAMPLE, { ...EXAMPLE, mask: 4 })).toBe(false);
});

const permissions = fc.integer({ min: 0, max: 7 });
const named = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 0xffff_fffe }),
    isUser: fc.boolean(),
    permissions,
    name: fc.constant(null),
  }),
  { selector: ({ id, isUser }) => `${id} ${isUser}`, maxLength: 8 },
);
const fullAcls = fc
  .record({ user: permissions, group: permissions, mask: permissions, other: permissions, named })
  .chain((acl) =>
    fc.boolean().map((masked) => (masked || acl.named.length > 0 ? acl : { ...acl, mask: -1 })),
  );

test("any full ACL survives Linux's form, and fake-super's", () => {
  fc.assert(
    fc.property(fullAcls, (acl) => {
      expect(equalAcls(decodePosixAcl(encodePosixAcl(acl))!, acl)).toBe(true);
      expect(decodeFakeAcl(encodeFakeAcl(acl))).toEqual(acl);
    }),
  );
});

test("what was stripped comes back with the mode", () => {
  fc.assert(
    fc.property(fullAcls, (acl) => {
      const mode = modeOfAcl(acl);
      expect(equalAcls(fullAccessAcl(strippedAccessAcl(acl, mode), mode), acl)).toBe(true);
    }),
  );
});

test("changing the mode changes what the mode tells, and nothing else", () => {
  fc.assert(
    fc.property(fullAcls, fc.integer({ min: 0, max: 0o777 }), (acl, mode) => {
      const changed = asModeLeaves(acl, mode);
      expect(modeOfAcl(changed)).toBe(mode);
      expect(changed.named).toEqual(acl.named);
      if (acl.mask >= 0) expect(changed.group).toBe(acl.group);
    }),
  );
});

test.each([
  ["20666 1,3 0:0", { mode: 0o20666, rdevMajor: 1, rdevMinor: 3, uid: 0, gid: 0 }],
  ["100640 0,0 1:1", { mode: 0o100640, rdevMajor: 0, rdevMinor: 0, uid: 1, gid: 1 }],
])("%s is a stat, both ways", (text, stat) => {
  expect(parseFakeStat(Buffer.from(text))).toEqual(stat);
  expect(Buffer.from(formatFakeStat(stat)).toString()).toBe(text);
});

test.each([
  "",
  "100644",
  "100644 0,0 0",
  "100684 0,0 0:0",
  "777777 0,0 0:0",
  "100644 0,0 4294967296:0",
  "100644 -1,0 0:0",
  " 100644 0,0 0:0",
  "100644 0,0 0:0 ",
])("%j is no stat", (text) => {
  expect(parseFakeStat(Buffer.from(text))).toBeNull();
});
