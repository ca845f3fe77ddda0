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
}
