/**
 * Alternate directories and fuzzy bases, with both of our sides over memory trees.
 */
import { ProtocolError } from "@tsrsync/protocol";
import { BasisType, ItemFlag } from "@tsrsync/protocol/item";
import { describe, expect, test } from "vitest";
import type { AlternateKind } from "../session/options.js";
import { synchronize } from "../testing/sessions.js";
import { MemoryTree, treeError } from "../tree/index.js";

const text = (value: string): Uint8Array => Buffer.from(value, "latin1");

/** Bytes that look random, the same for each seed. */
function noise(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0, x = seed | 1; i < size; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[i] = x;
  }
  return bytes;
}

function put(tree: MemoryTree, path: string, bytes: Uint8Array, seconds = 1000): void {
  tree.writeFile(path, bytes, 0o644);
  tree.setTimes(path, null, { seconds, nanoseconds: 0 });
}

/** A destination and an alternate directory of one world, so that links between them are possible. */
function world(): { destination: MemoryTree; alternate: MemoryTree } {
  const tree = new MemoryTree();
  tree.makeDirectory("destination", 0o755);
  tree.makeDirectory("alternate", 0o755);
  return { destination: tree.subtree("destination"), alternate: tree.subtree("alternate") };
}

const content = (tree: MemoryTree, path: string): string =>
  Buffer.from(tree.readFile(path)).toString("latin1");

const KINDS: AlternateKind[] = ["compare", "copy", "link"];

describe.each(KINDS)("--%s-dest", (alternateKind) => {
  const options = { alternateKind, alternateDirs: ["../alternate"], reportUnchanged: true };

  test("deals with a file that the alternate directory has", async () => {
    const { destination, alternate } = world();
    const source = new MemoryTree();
    for (const tree of [source, alternate]) put(tree, "file", text("same"));
    const outcome = await synchronize(source, destination, { options, alternates: [alternate] });
    expect(outcome.receiverError).toBeNull();
    expect(outcome.sender?.statistics.transferredFiles).toBe(0);
    const { flags, xname } = outcome.items["file"]!;
    if (alternateKind === "compare") {
      expect(destination.stat("file")).toBeNull();
      expect(flags).toBe(0);
    } else {
      expect(content(destination, "file")).toBe("same");
      const linked = destination.stat("file")!.ino === alternate.stat("file")!.ino;
      expect(linked).toBe(alternateKind === "link");
      expect(flags & ItemFlag.LocalChange).toBe(ItemFlag.LocalChange);
      expect(xname).toBe(linked ? "" : null);
    }
  });

  test("copies a file with other attributes", async () => {
    const { destination, alternate } = world();
    const source = new MemoryTree();
    for (const tree of [source, alternate]) put(tree, "file", text("same"));
    alternate.setMode("file", 0o600);
    const outcome = await synchronize(source, destination, { options, alternates: [alternate] });
    expect(outcome.sender?.statistics.transferredFiles).toBe(0);
    expect(content(destination, "file")).toBe("same");
    expect(destination.stat("file")!.mode & 0o777).toBe(0o644);
    expect(alternate.stat("file")!.mode & 0o777).toBe(0o600);
    const { flags } = outcome.items["file"]!;
    expect(flags).toBe(ItemFlag.LocalChange | ItemFlag.ReportPerms);
  });

  test.each([28, 29, 32])(
    "takes a file with other content as basis (protocol %d)",
    async (protocol) => {
      const { destination, alternate } = world();
      const source = new MemoryTree();
      const bytes = noise(50_000);
      put(alternate, "file", bytes, 500);
      put(source, "file", Buffer.concat([bytes, text("more")]));
      const run = { options, alternates: [alternate], protocol };
      const outcome = await synchronize(source, destination, run);
      expect(outcome.receiverError).toBeNull();
      expect(outcome.receiver!.statistics.literalData).toBeLessThan(2000);
      expect(destination.stat("file")!.size).toBe(50_004);
      expect(alternate.stat("file")!.size).toBe(50_000);
    },
  );

  test("deals with links and directories", async () => {
    const { destination, alternate } = world();
    const source = new MemoryTree();
    for (const tree of [source, alternate]) {
      tree.makeSymlink("link", "target");
      tree.setTimes("link", null, { seconds: 9, nanoseconds: 0 });
      tree.makeDirectory("directory", 0o755);
    }
    await synchronize(source, destination, { options, alternates: [alternate] });
    expect(destination.stat("directory")).not.toBeNull();
    const link = destination.stat("link");
    if (alternateKind === "compare") expect(link).toBeNull();
    else expect(link!.ino === alternate.stat("link")!.ino).toBe(alternateKind === "link");
  });

  test("changes nothing in a dry run", async () => {
    const { destination, alternate } = world();
    const source = new MemoryTree();
    for (const tree of [source, alternate]) put(tree, "file", text("same"));
    put(destination, "file", text("else"), 5);
    const run = { options: { ...options, dryRun: true }, alternates: [alternate] };
    await synchronize(source, destination, run);
    expect(content(destination, "file")).toBe("else");
    expect(destination.list("")).toEqual(["file"]);
  });
});

test("a file that can not be linked is copied", async () => {
  const source = new MemoryTree();
  const { destination, alternate } = world();
  destination.linkFrom = () => {
    throw treeError("EMLINK", "make hard link", "file");
  };
  for (const tree of [source, alternate]) put(tree, "file", text("same"));
  const options = { alternateKind: "link" as const, alternateDirs: ["x"] };
  const outcome = await synchronize(source, destination, { options, alternates: [alternate] });
  expect(outcome.sender?.statistics.transferredFiles).toBe(0);
  expect(content(destination, "file")).toBe("same");
  expect(destination.list("")).toEqual(["file"]);
});

test("the directory with the most of a file is chosen, and the first of equals", async () => {
  const { destination } = world();
  const source = new MemoryTree();
  const alternates = [new MemoryTree(), new MemoryTree(), new MemoryTree()];
  put(source, "file", text("same"));
  put(alternates[0]!, "file", text("other"));
  for (const tree of alternates.slice(1)) put(tree, "file", text("same"));
  alternates[1]!.setMode("file", 0o600);
  const options = { alternateKind: "compare" as const, alternateDirs: ["x", "y", "z"] };
  await synchronize(source, destination, { options, alternates });
  expect(destination.stat("file")).toBeNull();
});

describe("--fuzzy", () => {
  const bytes = noise(60_000);
  const changed = Buffer.concat([bytes, text("more")]);

  test("takes a file of a similar name", async () => {
    const source = new MemoryTree();
    const target = new MemoryTree();
    put(source, "archive-2.tar", changed);
    put(target, "archive-1.tar", bytes, 5);
    put(target, "something else", noise(60_000, 7), 5);
    const outcome = await synchronize(source, target, { options: { fuzzy: 1 } });
    expect(outcome.receiver!.statistics.literalData).toBeLessThan(2000);
    expect(Buffer.from(target.readFile("archive-2.tar")).equals(changed)).toBe(true);
    expect(outcome.items["archive-2.tar"]!.xname).toBe("archive-1.tar");
  });

  test("prefers one of the same size and time, whatever its name", async () => {
    const source = new MemoryTree();
    const target = new MemoryTree();
    put(source, "new", bytes);
    put(target, "quite another name", bytes);
    put(target, "new1", noise(60_000, 7), 5);
    const outcome = await synchronize(source, target, { options: { fuzzy: 1 } });
    expect(outcome.receiver!.statistics.literalData).toBe(0);
  });

  test("looks into alternate directories when told so", async () => {
    const source = new MemoryTree();
    const alternate = new MemoryTree();
    put(source, "archive-2.tar", changed);
    put(alternate, "archive-1.tar", bytes, 5);
    const options = { alternateKind: "link" as const, alternateDirs: ["x"] };
    for (const [fuzzy, literal] of [
      [1, 60_004],
      [2, 704],
    ] as const) {
      const run = { options: { ...options, fuzzy }, alternates: [alternate] };
      const outcome = await synchronize(source, new MemoryTree(), run);
      expect(outcome.receiver!.statistics.literalData).toBeLessThanOrEqual(literal);
    }
  });

  test("does not build on what this session changes", async () => {
    const source = new MemoryTree();
    const target = new MemoryTree();
    put(target, "name-1", bytes, 5);
    put(source, "name-1", noise(60_000, 9));
    put(source, "name-2", bytes, 7);
    const outcome = await synchronize(source, target, { options: { fuzzy: 1 } });
    expect(outcome.notices).toEqual([]);
    expect(outcome.receiver!.statistics.matchedData).toBe(0);
  });
});

test("a sender that names another basis than was asked for is refused", async () => {
  const source = new MemoryTree();
  const target = new MemoryTree();
  const secret = noise(3000);
  put(source, "a", Buffer.concat([secret, text("x")]));
  put(target, "b", secret, 5);
  const asked = Buffer.from([BasisType.Fuzzy, 1, "b".charCodeAt(0)]);
  const outcome = await synchronize(source, target, {
    options: { fuzzy: 1 },
    tamperSender(chunk) {
      const at = chunk.indexOf(asked);
      if (at >= 0) chunk[at + 2] = "c".charCodeAt(0);
      return chunk;
    },
  });
  expect(outcome.receiverError).toBeInstanceOf(ProtocolError);
  expect(outcome.receiverError!.message).toContain('expected "b"');
  expect(target.list("")).toEqual(["b"]);
});
