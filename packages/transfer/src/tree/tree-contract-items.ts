/**
 * The part of the trees' contract about what there is in a tree.
 * @module
 */
import { expect, test } from "vitest";
import { isDirectoryMode, isLinkMode, isRegularMode, S_IFMT } from "./item-type.js";
import {
  type ContractContext,
  type ContractSubject,
  codeOf,
  need,
  writeText,
} from "./tree-contract-context.js";

/** Defines the tests. */
export function testItems(context: ContractContext, subject: ContractSubject): void {
  test("the root is a directory by both its names", async () => {
    const { tree } = context;
    expect(isDirectoryMode((await need(tree, "")).mode)).toBe(true);
    expect((await need(tree, ".")).ino).toBe((await need(tree, "")).ino);
  });

  test("what is not there is null, what lies below a file is an error", async () => {
    const { tree } = context;
    await writeText(tree, "file", "x");
    expect(await tree.stat("nothing")).toBeNull();
    expect(await tree.stat("nothing/below")).toBeNull();
    expect(await tree.statFollowing("nothing")).toBeNull();
    expect(await codeOf(() => tree.stat("file/below"))).toBe("ENOTDIR");
  });

  test("directories, files and links are told apart and listed", async () => {
    const { tree } = context;
    await tree.makeDirectory("directory", 0o755);
    await writeText(tree, "directory/file", "1234");
    await tree.makeSymlink("directory/link", "to nowhere");
    expect([...(await tree.list("directory"))].sort()).toEqual(["file", "link"]);
    expect([...(await tree.list(""))]).toEqual(["directory"]);
    const file = await need(tree, "directory/file");
    const link = await need(tree, "directory/link");
    expect(isRegularMode(file.mode) && file.size === 4 && file.nlink === 1).toBe(true);
    expect(isLinkMode(link.mode) && link.size === "to nowhere".length).toBe(true);
    expect(await tree.readLink("directory/link")).toBe("to nowhere");
    expect(await codeOf(() => tree.readLink("directory/file"))).toBe("EINVAL");
    expect(await codeOf(() => tree.list("directory/file"))).toBe("ENOTDIR");
    expect(await codeOf(() => tree.list("nothing"))).toBe("ENOENT");
  });

  test("a directory of a thousand long names is listed whole", async () => {
    const { tree } = context;
    const names = Array.from({ length: 1000 }, (_, index) => `${"n".repeat(200)}${index}`);
    for (const name of names) await tree.makeSymlink(name, "x");
    expect([...(await tree.list("."))].sort()).toEqual(names.sort());
  });

  test("a hard link is a second name of the item, also of a link", async () => {
    const { tree } = context;
    await writeText(tree, "one", "x");
    await tree.makeHardLink("two", "one");
    expect((await need(tree, "two")).ino).toBe((await need(tree, "one")).ino);
    expect((await need(tree, "two")).nlink).toBe(2);
    await tree.makeSymlink("link", "one");
    await tree.makeHardLink("again", "link");
    expect(await tree.readLink("again")).toBe("one");
    expect(await codeOf(() => tree.makeHardLink("two", "one"))).toBe("EEXIST");
    expect(await codeOf(() => tree.makeHardLink("three", "nothing"))).toBe("ENOENT");
  });

  test("making what is there already is refused", async () => {
    const { tree } = context;
    await tree.makeDirectory("here", 0o755);
    expect(await codeOf(() => tree.makeDirectory("here", 0o755))).toBe("EEXIST");
    expect(await codeOf(() => tree.makeSymlink("here", "x"))).toBe("EEXIST");
    expect(await codeOf(() => tree.makeDirectory("", 0o755))).toBe("EEXIST");
    expect(await codeOf(() => tree.makeDirectory("not/here", 0o755))).toBe("ENOENT");
    expect(await codeOf(() => tree.makeSymlink("link", ""))).toBe("ENOENT");
    expect(await codeOf(() => tree.makeSymlink("link", "a\0b"))).toBe("EINVAL");
  });

  test.runIf(subject.nodes)("a FIFO is made, told apart and never opened", async () => {
    const { tree } = context;
    await tree.makeNode("fifo", 0o010640, 0, 0);
    expect((await need(tree, "fifo")).mode & S_IFMT).toBe(0o010000);
    expect(await codeOf(() => tree.open("fifo"))).toBe("EINVAL");
    expect(await codeOf(() => tree.makeNode("fifo", 0o010640, 0, 0))).toBe("EEXIST");
  });

  test.runIf(!subject.nodes)("a FIFO can not be made, and that is said", async () => {
    expect(await codeOf(() => context.tree.makeNode("fifo", 0o010640, 0, 0))).toBe("ENOSYS");
  });
}
