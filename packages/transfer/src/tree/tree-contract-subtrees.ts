/**
 * The part of the trees' contract about subtrees.
 * @module
 */
import { expect, test } from "vitest";
import { type ContractContext, codeOf, readText, writeText } from "./tree-contract-context.js";

/** Defines the tests. */
export function testSubtrees(context: ContractContext): void {
  test("a subtree is the same items under shorter names, and outlives its tree", async () => {
    const { place } = context;
    const tree = place.open("root", false);
    await tree.makeDirectory("d", 0o755);
    await tree.makeDirectory("d/e", 0o755);
    const below = await tree.subtree("d");
    const same = await tree.subtree("");
    await tree.close();
    await writeText(below, "e/file", "x");
    expect(await readText(same, "d/e/file")).toBe("x");
    await below.close();
    await same.close();
    await same.close();
  });

  test("a subtree needs a directory", async () => {
    const { tree } = context;
    await writeText(tree, "file", "x");
    expect(await codeOf(() => tree.subtree("nothing"))).toBe("ENOENT");
    expect(await codeOf(() => tree.subtree("file"))).toBe("ENOTDIR");
  });

  test("links may reach the outer tree, and nothing beyond it", async () => {
    const { tree, place } = context;
    await tree.makeDirectory("a", 0o755);
    await tree.makeDirectory("a/b", 0o755);
    await tree.makeDirectory("other", 0o755);
    await writeText(tree, "other/file", "x");
    await tree.makeSymlink("a/b/file", "../../other/file");
    await tree.makeSymlink("a/b/way", "../../other");
    await tree.makeSymlink("a/b/out", "../../../outside");
    const following = place.open("root", true);
    const outer = await following.subtree("a", { linksReachOuter: true });
    const inner = await outer.subtree("b", { linksReachOuter: true });
    expect((await inner.statFollowing("file"))?.size).toBe(1);
    expect(await readText(inner, "way/file")).toBe("x");
    expect(await inner.list("way")).toEqual(["file"]);
    const file = await inner.open("file", { followsLink: true });
    await file.close();
    expect(await codeOf(() => inner.statFollowing("out"))).toBe("ELOOP");
    expect(await codeOf(() => inner.list("out"))).toBe("ELOOP");
    const confined = await outer.subtree("b");
    expect(await codeOf(() => confined.list("way"))).toBe("ELOOP");
    const refusing = await following.subtree("a/b", { followLinks: false });
    expect(await codeOf(() => refusing.list("way"))).toBe("ELOOP");
    for (const opened of [refusing, confined, inner, outer, following]) await opened.close();
  });

  test("a link is opened for who wants what it leads to", async () => {
    const { following } = context;
    await writeText(following, "file", "x");
    await following.makeSymlink("link", "file");
    await following.makeSymlink("dangling", "nothing");
    await following.makeSymlink("out", "../outside/file");
    const options = { followsLink: true, leavesAccessTime: true };
    for (const name of ["file", "link"]) {
      const file = await following.open(name, options);
      expect((await file.stat()).size).toBe(1);
      await file.close();
    }
    expect(await codeOf(() => following.open("dangling", options))).toBe("ENOENT");
    expect(await codeOf(() => following.open("out", options))).toBe("ELOOP");
  });
}
