/**
 * The part of the trees' contract about what goes and moves.
 * @module
 */
import { expect, test } from "vitest";
import {
  type ContractContext,
  codeOf,
  emptyDirectory,
  exists,
  readText,
  writeText,
} from "./tree-contract-context.js";

/** Defines the tests. */
export function testRemoval(context: ContractContext): void {
  test("files and directories go by their own calls", async () => {
    const { tree } = context;
    await tree.makeDirectory("directory", 0o755);
    await writeText(tree, "directory/file", "x");
    expect(await codeOf(() => tree.removeDirectory("directory"))).toBe("ENOTEMPTY");
    expect(await codeOf(() => tree.removeDirectory("directory/file"))).toBe("ENOTDIR");
    expect(await codeOf(() => tree.removeFile("directory"))).toMatch(/^(EISDIR|EPERM)$/);
    await tree.removeFile("directory/file");
    await tree.removeDirectory("directory");
    expect([...(await tree.list(""))]).toEqual([]);
    expect(await codeOf(() => tree.removeFile("directory"))).toBe("ENOENT");
    expect(await codeOf(() => tree.removeDirectory(""))).toBe("EINVAL");
  });

  test("a rename replaces files, but no directory by a file nor a full one", async () => {
    const { tree } = context;
    await writeText(tree, "one", "1");
    await writeText(tree, "two", "2");
    await tree.rename("one", "two");
    expect(await readText(tree, "two")).toBe("1");
    expect(await exists(tree, "one")).toBe(false);
    await tree.makeDirectory("full", 0o755);
    await writeText(tree, "full/file", "x");
    await tree.makeDirectory("empty", 0o755);
    expect(await codeOf(() => tree.rename("two", "full"))).toBe("EISDIR");
    expect(await codeOf(() => tree.rename("full", "two"))).toBe("ENOTDIR");
    expect(await codeOf(() => tree.rename("empty", "full"))).toBe("ENOTEMPTY");
    expect(await codeOf(() => tree.rename("full", "full/below"))).toBe("EINVAL");
    expect(await codeOf(() => tree.rename("nothing", "two"))).toBe("ENOENT");
    await tree.rename("full", "empty");
    expect(await readText(tree, "empty/file")).toBe("x");
  });

  test("a name leads to what has it now, whatever had it before", async () => {
    for (const kind of ["tree", "following"] as const) {
      const tree = context[kind];
      await tree.makeDirectory("a", 0o755);
      await tree.makeDirectory("a/b", 0o755);
      await writeText(tree, "a/b/file", "old");
      await tree.rename("a", "moved");
      expect(await tree.stat("a/b/file")).toBeNull();
      await tree.makeDirectory("a", 0o755);
      await tree.makeDirectory("a/b", 0o755);
      await writeText(tree, "a/b/file", "new");
      expect(await readText(tree, "moved/b/file")).toBe("old");
      await tree.removeFile("a/b/file");
      await tree.removeDirectory("a/b");
      await tree.makeDirectory("a/b", 0o755);
      await writeText(tree, "a/b/file", "newer");
      expect(await readText(tree, "a/b/file")).toBe("newer");
      await tree.rename("a", `a of ${kind}`);
      await tree.rename("moved", `moved of ${kind}`);
    }
  });

  test("a directory that somebody else removed and made again is found", async () => {
    const { tree, base } = context;
    await tree.makeDirectory("d", 0o755);
    for (const use of [
      () => writeText(tree, "d/file", "x"),
      () => tree.makeDirectory("d/file", 0o755),
      () => tree.list("d"),
      async () => (await tree.createTemporary("d/file", 0o644)).file.close(),
      () => tree.rename("here", "d/file"),
    ]) {
      await writeText(tree, "here", "x");
      expect(await tree.stat("d/file")).toBeNull();
      await base.removeDirectory("root/d");
      await base.makeDirectory("root/d", 0o755);
      await use();
      await emptyDirectory(base, "root/d");
    }
    await base.removeDirectory("root/d");
    await base.makeDirectory("root/d", 0o755);
    await writeText(base, "root/d/file", "x");
    expect(await exists(tree, "d/file")).toBe(true);
  });
}
