import { createEntry } from "@tsrsync/protocol/file-list";
import { ItemFlag } from "@tsrsync/protocol/item";
import { expect, test } from "vitest";
import { archiveOptions } from "../testing/sessions.js";
import type { FileStat } from "../tree/file-tree.js";
import { attributeDifferences, sameTime, wantedPermissions } from "./differences.js";

const FILE = 0o100644;

const stat = (changes: Partial<FileStat> = {}): FileStat => ({
  mode: FILE,
  size: 10,
  mtime: 1000,
  mtimeNs: 5,
  atime: 0,
  atimeNs: 0,
  uid: 7,
  gid: 8,
  nlink: 1,
  dev: 1n,
  ino: 1n,
  rdevMajor: 0,
  rdevMinor: 0,
  ...changes,
});

const entry = (mode = FILE) => createEntry("f", mode, 10, 1000, 5, 7, 8);
const root = { superUser: true, groups: new Set<number>(), umask: 0o022 };
const user = { superUser: false, groups: new Set([8]), umask: 0o022 };

test.each([
  [0, 1000, 6, true],
  [0, 1001, 5, false],
  [-1, 1000, 5, true],
  [-1, 1000, 6, false],
  [2, 1002, 5, true],
  [2, 998, 5, true],
  [2, 1003, 5, false],
])("modify window %d: 1000.5 and %d.%d are the same time: %s", (window, seconds, ns, same) => {
  expect(sameTime(entry(), seconds, ns, window)).toBe(same);
});

test("an item that is as it should be has no differences", () => {
  expect(attributeDifferences(entry(), stat(), archiveOptions(), root, false)).toBe(0);
});

test.each([
  [{ size: 11 }, ItemFlag.ReportSize],
  [{ mtime: 999 }, ItemFlag.ReportTime],
  [{ mtimeNs: 6 }, 0],
  [{ mode: 0o100600 }, ItemFlag.ReportPerms],
  [{ uid: 1 }, ItemFlag.ReportOwner],
  [{ gid: 1 }, ItemFlag.ReportGroup],
])("for root %j differs by flags %d", (change, flags) => {
  expect(attributeDifferences(entry(), stat(change), archiveOptions(), root, false)).toBe(flags);
});

test("a user can not set owners, and only groups that he is in", () => {
  expect(attributeDifferences(entry(), stat({ uid: 1 }), archiveOptions(), user, false)).toBe(0);
  expect(attributeDifferences(entry(), stat({ gid: 1 }), archiveOptions(), user, false)).toBe(
    ItemFlag.ReportGroup,
  );
  const stranger = { ...user, groups: new Set<number>() };
  expect(attributeDifferences(entry(), stat({ gid: 1 }), archiveOptions(), stranger, false)).toBe(
    0,
  );
});

test("where times are not kept, a changed file still tells that its time will be another", () => {
  const options = archiveOptions({ times: false });
  expect(attributeDifferences(entry(), stat(), options, root, true)).toBe(ItemFlag.ReportTime);
  expect(attributeDifferences(entry(), stat({ mtime: 1 }), options, root, false)).toBe(0);
});

test("permissions follow the source, the umask, or what is there", () => {
  const kept = archiveOptions();
  const free = archiveOptions({ perms: false });
  expect(wantedPermissions(entry(0o104777), null, kept, 0o022)).toBe(0o4777);
  expect(wantedPermissions(entry(0o104777), null, free, 0o022)).toBe(0o755);
  expect(wantedPermissions(entry(0o100777), 0o100600, free, 0o022)).toBe(0o600);
});

test.each([
  [0o100755, 0o100640, 0o750],
  [0o100644, 0o100755, 0o644],
  [0o100755, 0o100744, 0o744],
])("executability: source %o over %o gives %o", (source, present, expected) => {
  const options = archiveOptions({ perms: false, executability: true });
  expect(wantedPermissions(entry(source), present, options, 0o022)).toBe(expected);
});
