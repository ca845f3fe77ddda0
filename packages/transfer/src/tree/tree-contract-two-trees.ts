/**
 * The part of the trees' contract about items that go from one tree to another.
 * @module
 */
import { expect, test } from "vitest";
import { MemoryTree } from "./memory-tree.js";
import {
  type ContractContext,
  codeOf,
  exists,
  need,
  readText,
  writeText,
} from "./tree-contract-context.js";

/** Defines the tests. */
export function testTwoTrees(context: ContractContext): void {
  test("an item moves from one tree to another, over what is there", async () => {
    const other = context.place.open("outside", false);
    await writeText(context.tree, "kept", "old");
    await context.tree.moveFrom(other, "secret", "kept");
    expect(await readText(context.tree, "kept")).toBe("secret");
    expect(await exists(other, "secret")).toBe(false);
    await other.close();
  });

  test("a further name for an item of another tree is the same item", async () => {
    const other = context.place.open("outside", false);
    await context.tree.linkFrom(other, "secret", "also");
    expect((await need(context.tree, "also")).ino).toBe((await need(other, "secret")).ino);
    expect(await codeOf(() => context.tree.linkFrom(other, "secret", "also"))).toBe("EEXIST");
    await other.close();
  });

  test("neither leaves its root on the way", async () => {
    const other = context.place.open("outside", false);
    for (const path of ["../outside/secret", "/secret"]) {
      expect(await codeOf(() => context.tree.moveFrom(other, path, "here"))).toBe("EINVAL");
      expect(await codeOf(() => context.tree.linkFrom(other, "secret", path))).toBe("EINVAL");
    }
    await context.tree.makeSymlink("way", "../outside");
    expect(await codeOf(() => context.tree.moveFrom(other, "secret", "way/here"))).toBe("ELOOP");
    await other.close();
  });

  test("nothing moves between kinds of trees", async () => {
    const kind = context.tree instanceof MemoryTree ? null : new MemoryTree();
    if (kind === null) return;
    kind.writeFile("f", new Uint8Array(1));
    expect(await codeOf(() => context.tree.moveFrom(kind, "f", "f"))).toBe("EXDEV");
    expect(await codeOf(() => kind.moveFrom(context.tree, "f", "f"))).toBe("EXDEV");
    expect(await codeOf(() => context.tree.linkFrom(kind, "f", "f"))).toBe("EXDEV");
  });

  test("space is reserved and given back", async () => {
    const file = await context.tree.openForUpdate("space", 0o644);
    await file.write(new Uint8Array(16384).fill(1));
    const codes = [
      await codeOf(() => file.allocate(20000)),
      await codeOf(() => file.punchHole(4096, 8192)),
    ];
    const { size } = await file.stat();
    await file.close();
    if (codes.every((code) => code === null)) {
      expect(size).toBe(20000);
      const bytes = new Uint8Array(20000);
      const reader = await context.tree.open("space");
      await reader.read(bytes);
      await reader.close();
      const ones = bytes.reduce((sum, byte) => sum + byte, 0);
      expect([ones, bytes[4095], bytes[4096], bytes[12287], bytes[12288]]).toEqual([
        8192, 1, 0, 0, 1,
      ]);
    } else {
      expect(codes).toEqual(["ENOSYS", "ENOSYS"]);
    }
  });
}
