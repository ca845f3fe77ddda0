import { ACCESS_ACL, encodePosixAcl, FAKE_STAT } from "@tsrsync/protocol/attributes";
import { beforeEach, expect, test } from "vitest";
import { synchronize } from "../testing/sessions.js";
import { FakeSuperTree } from "./fake-super-tree.js";
import type { FileStat } from "./file-tree.js";
import { MemoryTree } from "./memory-tree.js";
import { codeOf } from "./tree-contract-context.js";

let real: MemoryTree;
let fake: FakeSuperTree;

beforeEach(() => {
  real = new MemoryTree();
  fake = new FakeSuperTree(real);
});

const text = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value, "latin1"));
const kept = (path: string): string | null => {
  const value = real.getAttribute(path, FAKE_STAT);
  return value === null ? null : Buffer.from(value).toString();
};
const stat = (path: string): FileStat => fake.stat(path) as FileStat;

test("an owner and a mode that are not the real ones are kept, and forgotten when they are", async () => {
  real.writeFile("file", text("x"), 0o644);
  await fake.setOwner("file", 12, 34);
  expect(kept("file")).toBe("100644 0,0 12:34");
  await fake.setMode("file", 0o4400);
  expect(kept("file")).toBe("104400 0,0 12:34");
  expect(real.stat("file")!.mode).toBe(0o100600);
  expect(stat("file")).toMatchObject({ mode: 0o104400, uid: 12, gid: 34, size: 1 });
  await fake.setOwner("file", 0, -1);
  await fake.setOwner("file", -1, 0);
  await fake.setMode("file", 0o640);
  expect(kept("file")).toBeNull();
  expect(real.stat("file")!.mode).toBe(0o100640);
});

test("a directory stays usable by its owner", async () => {
  await fake.makeDirectory("directory", 0o500);
  expect(real.stat("directory")!.mode).toBe(0o040700);
  await fake.setMode("directory", 0o2550);
  expect(real.stat("directory")!.mode).toBe(0o040750);
  expect(stat("directory").mode).toBe(0o042550);
});

test("devices are empty files, links are files with their targets", async () => {
  await fake.makeNode("null", 0o020666, 1, 3);
  await fake.makeNode("fifo", 0o010600, 0, 0);
  await fake.makeSymlink("link", "to nowhere");
  expect(kept("null")).toBe("20666 1,3 0:0");
  expect(kept("fifo")).toBe("10600 0,0 0:0");
  expect(kept("link")).toBe("120777 0,0 0:0");
  expect(real.stat("link")!.mode).toBe(0o100777);
  expect(Buffer.from(real.readFile("link")).toString()).toBe("to nowhere");
  expect(stat("null")).toMatchObject({ mode: 0o020666, rdevMajor: 1, rdevMinor: 3, size: 0 });
  expect(stat("link")).toMatchObject({ mode: 0o120777, size: 10 });
  expect(fake.readLink("link")).toBe("to nowhere");
});

test("what can not be is refused as by a real tree", async () => {
  real.writeFile("file", text("x"));
  await fake.makeSymlink("link", "x");
  expect(await codeOf(() => fake.readLink("file"))).toBe("EINVAL");
  expect(await codeOf(() => fake.readLink("nothing"))).toBe("ENOENT");
  expect(await codeOf(() => fake.setMode("link", 0o600))).toBe("ELOOP");
  expect(await codeOf(() => fake.setMode("nothing", 0o600))).toBe("ENOENT");
  expect(await codeOf(() => fake.makeSymlink("other", ""))).toBe("ENOENT");
  expect(await codeOf(() => fake.makeSymlink("link", "y"))).toBe("EEXIST");
  expect(await codeOf(() => fake.makeNode("file", 0o010600, 0, 0))).toBe("EEXIST");
});

test("real links and devices count as what they are", async () => {
  real.makeSymlink("link", "file");
  real.makeNode("null", 0o020666, 1, 3);
  await fake.setOwner("null", 5, 5);
  expect(fake.readLink("link")).toBe("file");
  expect(stat("null")).toMatchObject({ uid: 0, mode: 0o020666 });
});

test.each(["nonsense", "40755 0,0 0:0", "100644 0,0 -1:0"])(
  "a kept %j counts for nothing",
  (value) => {
    real.writeFile("file", text("x"), 0o644);
    real.setAttribute("file", FAKE_STAT, text(value));
    expect(stat("file")).toMatchObject({ mode: 0o100644, uid: 0 });
  },
);

test("attributes of other namespaces are kept below our own prefix, and what we keep is not shown", async () => {
  real.writeFile("file", text("x"));
  await fake.setOwner("file", 1, 1);
  await fake.setAttribute("file", "trusted.x", text("t"));
  await fake.setAttribute("file", "user.x", text("u"));
  expect([...(fake.listAttributes("file") as string[])].sort()).toEqual(["trusted.x", "user.x"]);
  expect(real.getAttribute("file", "user.rsync.trusted.x")).toEqual(text("t"));
  expect(fake.getAttribute("file", "trusted.x")).toEqual(text("t"));
  await fake.removeAttribute("file", "trusted.x");
  expect(fake.listAttributes("file")).toEqual(["user.x"]);
});

test("an access ACL is kept, and the permission bits follow it", async () => {
  real.writeFile("file", text("x"), 0o644);
  const named = [{ id: 1, isUser: true, permissions: 6, name: null }];
  const acl = { user: 6, group: 4, mask: 6, other: 0, named };
  await fake.setAttribute("file", ACCESS_ACL, encodePosixAcl(acl));
  expect(real.listAttributes("file")).toEqual(["user.rsync.%aacl"]);
  expect(stat("file").mode).toBe(0o100660);
  expect(fake.getAttribute("file", ACCESS_ACL)).toEqual(encodePosixAcl(acl));
  const minimal = { user: 6, group: 4, mask: -1, other: 4, named: [] };
  await fake.setAttribute("file", ACCESS_ACL, encodePosixAcl(minimal));
  expect(fake.getAttribute("file", ACCESS_ACL)).toBeNull();
  expect(stat("file").mode).toBe(0o100644);
});

test("a whole tree goes into one and comes out again", async () => {
  const source = new MemoryTree();
  source.makeDirectory("dir", 0o500);
  source.writeFile("dir/setuid", text("x"), 0o4711);
  source.setOwner("dir/setuid", 7, 8);
  source.makeSymlink("link", "dir");
  source.makeNode("null", 0o020600, 1, 3);
  source.setAttribute("dir", "trusted.long", text("t".repeat(99)));
  const options = { acls: true, xattrs: 1 };
  const stored = await synchronize(source, fake, { options });
  expect(stored.notices).toEqual([]);
  expect(real.stat("null")!.mode & 0o170000).toBe(0o100000);
  const back = new MemoryTree();
  await synchronize(fake, back, { options });
  for (const path of ["dir", "dir/setuid", "link", "null"]) {
    const { ino: _, mtime, mtimeNs, atime, atimeNs, ...expected } = source.stat(path)!;
    expect(back.stat(path)).toMatchObject(expected);
  }
  expect(back.getAttribute("dir", "trusted.long")).toEqual(text("t".repeat(99)));
  expect(back.readLink("link")).toBe("dir");
  expect((await synchronize(source, fake, { options })).items).toEqual({});
});
