/**
 * The part of the trees' contract about temporary files.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { expect, test } from "vitest";
import { bytesOf, type ContractContext, codeOf, readText } from "./tree-contract-context.js";

/** Defines the tests. */
export function testTemporaries(context: ContractContext): void {
  test("a temporary file lies beside its future place, private and new", async () => {
    const { tree } = context;
    await tree.makeDirectory("d", 0o755);
    const { file, path } = await tree.createTemporary("d/file", 0o4447);
    expect(path).toMatch(/^d\/\.file\.[a-zA-Z0-9]{6}$/);
    expect((await file.stat()).mode & 0o7777).toBe(0o600);
    await file.write(bytesOf("new"));
    await file.close();
    await tree.rename(path, "d/file");
    expect(await readText(tree, "d/file")).toBe("new");
    expect([...(await tree.list("d"))]).toEqual(["file"]);
  });

  test("in a directory of its own a temporary file is not hidden", async () => {
    for (const [name, pattern] of [
      ["file", /^file\.[a-zA-Z0-9]{6}$/],
      [".hidden", /^\.hidden\.[a-zA-Z0-9]{6}$/],
    ] as const) {
      const { file, path } = await context.tree.createTemporary(name, 0o644, "plain");
      await file.close();
      expect(path).toMatch(pattern);
    }
  });

  test("the longest names have temporary files too", async () => {
    for (const name of ["n".repeat(255), "\xc3\xbc".repeat(127)]) {
      const { file, path } = await context.tree.createTemporary(name, 0o644);
      expect(path.length).toBeLessThanOrEqual(255);
      await file.close();
    }
  });

  test("a thousand temporary files for one name are a thousand files", async () => {
    const paths = new Set<ByteString>();
    for (let i = 0; i < 1000; i++) {
      const { file, path } = await context.tree.createTemporary("same", 0o644);
      await file.close();
      paths.add(path);
    }
    expect(paths.size).toBe(1000);
  });

  test("there is none for the root, nor in a directory that is missing", async () => {
    const { tree } = context;
    expect(await codeOf(() => tree.createTemporary("", 0o644))).toBe("EINVAL");
    expect(await codeOf(() => tree.createTemporary("d/file", 0o644))).toBe("ENOENT");
  });
}
