/**
 * The part of the trees' contract about names and paths.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { expect, test } from "vitest";
import { type ContractContext, codeOf, readText, writeText } from "./tree-contract-context.js";

const ODD_NAMES: readonly ByteString[] = [
  "new\nline",
  "\xff\xfe not UTF-8",
  "gr\xc3\xbc\xc3\x9fe",
  "n".repeat(255),
  "\xc3".repeat(255),
  "...",
  ".hidden",
  " ",
  "-rf",
  "\x01\x7f\\\"'*",
];

/** Defines the tests. */
export function testNames(context: ContractContext): void {
  test.each(ODD_NAMES)("the name %j is kept byte for byte", async (name) => {
    const { tree } = context;
    await tree.makeDirectory(name, 0o755);
    const path = `${name}/${name}`;
    await writeText(tree, path, "x");
    await tree.makeSymlink(`${name}/link`, name);
    expect([...(await tree.list(""))]).toEqual([name]);
    expect([...(await tree.list(name))].sort()).toEqual([name, "link"].sort());
    expect(await tree.readLink(`${name}/link`)).toBe(name);
    expect(await readText(tree, path)).toBe("x");
    await tree.rename(path, "elsewhere");
    expect(await readText(tree, "elsewhere")).toBe("x");
  });

  test("a name that is too long is refused", async () => {
    const { tree } = context;
    const name = "n".repeat(256);
    expect(await codeOf(() => tree.stat(name))).toBe("ENAMETOOLONG");
    expect(await codeOf(() => tree.makeDirectory(name, 0o755))).toBe("ENAMETOOLONG");
  });

  const refused = ["/", "/etc", "..", "../outside", "a/..", "a/../b", "a//b", "a/", "a\0b"];
  test.each([...refused, "\u012e\u012e", "\u012f"])("the path %j is refused", async (path) => {
    const { tree } = context;
    await tree.makeDirectory("a", 0o755);
    for (const action of [
      () => tree.stat(path),
      () => tree.statFollowing(path),
      () => tree.list(path),
      () => tree.open(path),
      () => tree.createTemporary(path, 0o644),
      () => tree.makeDirectory(path, 0o755),
      () => tree.rename("a", path),
      () => tree.rename(path, "b"),
      () => tree.removeDirectory(path),
      () => tree.subtree(path),
    ]) {
      expect(await codeOf(action)).toBe("EINVAL");
    }
  });

  test("components that mean nothing are taken", async () => {
    const { tree } = context;
    await tree.makeDirectory("./a", 0o755);
    await writeText(tree, "./a/./file", "x");
    expect(await readText(tree, "a/file")).toBe("x");
    expect([...(await tree.list("./a"))]).toEqual(["file"]);
  });
}
