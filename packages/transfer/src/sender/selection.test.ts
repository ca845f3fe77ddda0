import { describe, expect, it } from "vitest";
import { synchronize } from "../testing/sessions.js";
import { MemoryTree } from "../tree/memory-tree.js";
import type { PathSelection } from "./selection.js";

const PROTOCOLS = [28, 29, 30, 31, 32];

/** A tree of directories (names with a slash at their ends) and files. */
function treeOf(items: Readonly<Record<string, string>>, mtime = 1000): MemoryTree {
  const tree = new MemoryTree();
  for (const [name, content] of Object.entries(items)) {
    if (name.endsWith("/")) tree.makeDirectory(name.slice(0, -1), 0o755);
    else {
      const file = tree.openForUpdate(name, 0o644);
      file.write(Buffer.from(content));
      file.setTimes(null, { seconds: mtime, nanoseconds: 0 });
      file.close();
    }
  }
  return tree;
}

function contentOf(tree: MemoryTree, path: string): string | null {
  if (tree.stat(path) === null) return null;
  const file = tree.open(path);
  const bytes = new Uint8Array(100);
  return Buffer.from(bytes.subarray(0, file.read(bytes))).toString();
}

function push(
  source: MemoryTree,
  target: MemoryTree,
  protocol: number,
  selected: Partial<PathSelection>,
) {
  const { missing = [], moved = [] } = selected;
  return synchronize(source, target, {
    protocol,
    selection: { present: [], missing, moved, keepsHardLinks: false, ...selected },
    options: {
      recursive: false,
      relative: true,
      impliedDirs: false,
      force: true,
      missingArgs: missing.length > 0 ? "delete" : "report",
      hardLinks: moved.length > 0,
    },
  });
}

describe.each(PROTOCOLS)("a list that is given path by path, protocol %i", (protocol) => {
  it("has these items and no others", async () => {
    const source = treeOf({
      "a/": "",
      "a/f": "new",
      "a/g": "new",
      "b/": "",
      "b/h": "new",
      x: "new",
    });
    const target = treeOf({ "a/": "", "a/f": "old!", "a/g": "old!" });
    const { notices } = await push(source, target, protocol, { present: ["a/f", "b", "", "x"] });
    expect(notices).toEqual([]);
    const found = ["a/f", "a/g", "b/h", "x"].map((path) => contentOf(target, path));
    expect(found).toEqual(["new", "old!", null, "new"]);
    expect(target.stat("b")).not.toBe(null);
  });

  it("deletes what is said to be missing, and nothing that only vanished", async () => {
    const source = treeOf({ "a/": "", "a/f": "1" });
    const target = treeOf({
      "a/": "",
      "a/f": "1",
      "a/gone": "1",
      "d/": "",
      "d/deep": "1",
      vanished: "1",
    });
    const run = await push(source, target, protocol, {
      present: ["vanished", "a/f/below"],
      missing: ["a/gone", "d", "not/there"],
    });
    expect(run.notices).toEqual([]);
    expect(run.sender?.exitCode()).toBe(24);
    expect(target.list("").sort()).toEqual(["a", "vanished"]);
    expect(target.list("a")).toEqual(["f"]);
  });

  it("links moved files to what the target has, and sends what differs", async () => {
    const content = "x".repeat(99);
    const source = treeOf({
      "new/": "",
      "new/same": content,
      "new/changed": "now",
      "new/unknown": "only here",
    });
    const target = treeOf({ "old/": "", "old/same": content, "old/changed": "then" });
    const moved = ["same", "changed", "unknown"].map((name) => ({
      from: `old/${name}`,
      to: `new/${name}`,
    }));
    const present = ["new", ...moved.map(({ to }) => to)];
    const run = await push(source, target, protocol, { present, moved });
    expect(run.senderError ?? run.receiverError).toBe(null);
    expect(run.sender?.statistics.literalData).toBe("now".length + "only here".length);
    for (const name of ["same", "changed", "unknown"]) {
      expect(contentOf(target, `new/${name}`)).toBe(contentOf(source, `new/${name}`));
    }
  });

  it("does not forge a name that is taken, or gone at the same time", async () => {
    const source = treeOf({ old: "another one", new: "1" });
    const target = treeOf({ old: "1" });
    const moved = [{ from: "old", to: "new" }];
    await push(source, target, protocol, { present: ["old", "new"], moved });
    expect(contentOf(target, "old")).toBe("another one");
    expect(contentOf(target, "new")).toBe("1");
    source.removeFile("old");
    await push(source, target, protocol, { present: ["new"], missing: ["old"], moved });
    expect(target.list("")).toEqual(["new"]);
  });
});

it("a program may hide what lies in directories", async () => {
  const source = treeOf({ "a/": "", "a/f": "1", "a/f.tmp": "1", "hid/": "", "hid/x": "1" });
  const target = new MemoryTree();
  await synchronize(source, target, {
    hides: (path, isDirectory) => path.endsWith(".tmp") || (isDirectory && path === "hid"),
  });
  expect(target.list("")).toEqual(["a"]);
  expect(target.list("a")).toEqual(["f"]);
});
