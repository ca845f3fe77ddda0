/**
 * The part of the trees' contract about the bytes of files.
 * @module
 */
import { expect, test } from "vitest";
import {
  bytesOf,
  type ContractContext,
  codeOf,
  need,
  readText,
  writeText,
} from "./tree-contract-context.js";

/** Defines the tests. */
export function testFiles(context: ContractContext): void {
  test("a file is read and written at its position and at others", async () => {
    const { tree } = context;
    const { file, path } = await tree.createTemporary("file", 0o644);
    await file.write(bytesOf("0123456789"));
    await file.writeAt(bytesOf("ab"), 2);
    await file.write(bytesOf("X"));
    const three = new Uint8Array(3);
    expect(await file.readAt(three, 1)).toBe(3);
    expect(Buffer.from(three).toString()).toBe("1ab");
    expect(await file.readAt(three, 10)).toBe(1);
    expect(await file.readAt(three, 50)).toBe(0);
    expect((await file.stat()).size).toBe(11);
    await file.sync();
    await file.close();
    expect(await readText(tree, path)).toBe("01ab456789X");
  });

  test("views are filled and written in order", async () => {
    const { tree } = context;
    const { file, path } = await tree.createTemporary("file", 0o644);
    await file.writev([]);
    await file.writev([bytesOf(""), bytesOf("abc"), bytesOf(""), bytesOf("defgh")]);
    await file.close();
    const views = [new Uint8Array(2), new Uint8Array(0), new Uint8Array(4), new Uint8Array(9)];
    const reader = await tree.open(path);
    expect(await reader.readv(views)).toBe(8);
    expect(await reader.readv(views)).toBe(0);
    await reader.close();
    expect(views.map((view) => Buffer.from(view).toString("latin1"))).toEqual([
      "ab",
      "",
      "cdef",
      "gh\0\0\0\0\0\0\0",
    ]);
  });

  test("more views than one system call takes are all written and read", async () => {
    const { tree } = context;
    const views = Array.from({ length: 2500 }, (_, index) => Uint8Array.of(index, index >> 8));
    const { file, path } = await tree.createTemporary("file", 0o644);
    await file.writev(views);
    await file.close();
    const read = views.map((view) => new Uint8Array(view.length));
    const reader = await tree.open(path);
    expect(await reader.readv(read)).toBe(5000);
    await reader.close();
    expect(Buffer.concat(read).equals(Buffer.concat(views))).toBe(true);
  });

  test("a file is updated in place, cut, and grown with zeros", async () => {
    const { tree } = context;
    await writeText(tree, "file", "0123456789");
    const before = await need(tree, "file");
    const file = await tree.openForUpdate("file", 0o600);
    await file.writeAt(bytesOf("ab"), 4);
    await file.truncate(7);
    await file.truncate(9);
    await file.close();
    expect(await readText(tree, "file")).toBe("0123ab6\0\0");
    expect((await need(tree, "file")).ino).toBe(before.ino);
    expect((await need(tree, "file")).mode).toBe(before.mode);
  });

  test("only regular files are opened", async () => {
    const { tree } = context;
    await tree.makeDirectory("directory", 0o755);
    for (const open of [
      (path: string) => tree.open(path),
      (path: string) => tree.openForUpdate(path, 0o644),
    ]) {
      expect(await codeOf(() => open("directory"))).toBe("EISDIR");
      expect(await codeOf(() => open(""))).toBe("EISDIR");
    }
    expect(await codeOf(() => tree.open("nothing"))).toBe("ENOENT");
    expect(await codeOf(() => tree.openForUpdate("no/directory", 0o644))).toBe("ENOENT");
  });
}
