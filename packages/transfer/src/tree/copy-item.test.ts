/** Copies between trees that can not exchange items otherwise. */
import { expect, test } from "vitest";
import { copyItem, linkItem, moveItem } from "./copy-item.js";
import type { FileTree } from "./file-tree.js";
import { MemoryTree } from "./memory-tree.js";
import { treeError } from "./system-error.js";

/** A tree on another file system, each of whose answers comes later. */
function foreign(): { tree: FileTree; memory: MemoryTree } {
  const memory = new MemoryTree();
  const later = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(inner, key) {
        const value: unknown = Reflect.get(inner, key, inner);
        if (typeof value !== "function") return value;
        return async (...words: unknown[]) => {
          if (key === "moveFrom" || key === "linkFrom") throw treeError("EXDEV", key, "");
          const answer: unknown = Reflect.apply(value, inner, words);
          const { file } = (answer ?? {}) as { file?: object };
          if (file !== undefined) return { ...(answer as object), file: later(file) };
          return key === "open" ? later(answer as object) : answer;
        };
      },
    });
  return { tree: later(memory), memory };
}

function sourceTree(): MemoryTree {
  const tree = new MemoryTree();
  tree.writeFile("f", Uint8Array.from(Buffer.from("content")), 0o640);
  tree.setOwner("f", 7, 8);
  tree.makeSymlink("l", "target");
  tree.makeNode("p", 0o010600, 0, 0);
  for (const name of ["f", "l", "p"]) tree.setTimes(name, null, { seconds: 1000, nanoseconds: 5 });
  return tree;
}

test("what can not be moved is copied with its attributes, and goes away", async () => {
  const source = sourceTree();
  const { tree, memory } = foreign();
  memory.writeFile("f", new Uint8Array(99));
  memory.makeSymlink("l", "old");
  for (const name of ["f", "l", "p"]) {
    const { mode, uid, gid, mtime, mtimeNs } = source.stat(name)!;
    await moveItem(source, name, tree, name);
    expect(memory.stat(name)).toMatchObject({ mode, uid, gid, mtime, mtimeNs });
  }
  expect(Buffer.from(memory.readFile("f")).toString()).toBe("content");
  expect(memory.readLink("l")).toBe("target");
  expect([source.list("."), memory.list(".").sort()]).toEqual([[], ["f", "l", "p"]]);
});

test("a copy that fails leaves what was there, and nothing half-made", async () => {
  const source = sourceTree();
  const target = new MemoryTree();
  target.writeFile("f", new Uint8Array(3));
  target.rename = () => {
    throw treeError("EIO", "rename", "f");
  };
  await expect(copyItem(source, "f", target, "f")).rejects.toThrow(/EIO/);
  expect([target.list("."), target.stat("f")!.size]).toEqual([["f"], 3]);
});

test("directories are not copied", async () => {
  const source = new MemoryTree();
  source.makeDirectory("d", 0o755);
  await expect(copyItem(source, "d", foreign().tree, "d")).rejects.toThrow();
});

test("a link in the same tree and in another one is the same item", async () => {
  const source = sourceTree();
  const other = new MemoryTree();
  await linkItem(source, "f", source, "g");
  await linkItem(source, "f", other, "h");
  expect(source.stat("f")!.nlink).toBe(3);
  await expect(linkItem(source, "f", foreign().tree, "i")).rejects.toThrow(/EXDEV/);
});
