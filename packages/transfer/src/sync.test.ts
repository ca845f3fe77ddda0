/**
 * Our two sides with each other, over memory trees: random trees, all protocols, and lines and disks that fail.
 */
import { ProtocolError, RsyncError } from "@tsrsync/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { synchronize } from "./testing/sessions.js";
import { MemoryTree, TreeError, type TreeFile } from "./tree/index.js";

type Shape = {
  [name: string]: Shape | { link: string } | { bytes: Uint8Array; time: number; mode: number };
};

const isFile = (node: unknown): node is { bytes: Uint8Array; time: number; mode: number } =>
  (node as { bytes?: unknown }).bytes instanceof Uint8Array;
const isLink = (node: unknown): node is { link: string } =>
  typeof (node as { link?: unknown }).link === "string";

function grow(tree: MemoryTree, shape: Shape, prefix = ""): MemoryTree {
  for (const [name, node] of Object.entries(shape)) {
    const path = prefix + name;
    if (isFile(node)) {
      tree.writeFile(path, node.bytes, node.mode);
      tree.setTimes(path, null, { seconds: node.time, nanoseconds: node.time % 1000 });
    } else if (isLink(node)) {
      tree.makeSymlink(path, node.link);
      tree.setTimes(path, null, { seconds: 5000, nanoseconds: 7 });
    } else {
      tree.makeDirectory(path, 0o755);
      grow(tree, node as Shape, `${path}/`);
      tree.setTimes(path, null, { seconds: 4000, nanoseconds: 3 });
    }
  }
  return tree;
}

/** Everything in a tree, as plain text by path. */
function read(tree: MemoryTree, withNanoseconds = true, directory = "."): Record<string, string> {
  const items: Record<string, string> = {};
  for (const name of tree.list(directory)) {
    const path = directory === "." ? name : `${directory}/${name}`;
    const stat = tree.stat(path)!;
    const type = stat.mode & 0o170000;
    const time = withNanoseconds ? `${stat.mtime}.${stat.mtimeNs}` : `${stat.mtime}`;
    const content =
      type === 0o100000
        ? Buffer.from(tree.readFile(path)).toString("hex")
        : type === 0o120000
          ? tree.readLink(path)
          : "";
    items[path] = `${stat.mode.toString(8)} ${stat.uid}:${stat.gid} ${time} ${content}`;
    if (type === 0o040000) Object.assign(items, read(tree, withNanoseconds, path));
  }
  return items;
}

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

const names = fc.oneof(
  fc.constantFrom("a", "b", "a-b", "a.b", "a b", "\xff\xfe", "new\nline", "-dash", ".hidden"),
  fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) =>
    Buffer.from(bytes)
      .toString("latin1")
      .replaceAll(/[/\0]/g, "_")
      .replace(/^\.{1,2}$/, "dots"),
  ),
);

const files = fc.record({
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    fc
      .tuple(fc.integer(), fc.constantFrom(699, 700, 701, 32768, 65536, 65537, 200_000))
      .map(([seed, size]) => noise(size, seed)),
  ),
  time: fc.integer({ min: 1, max: 2_000_000_000 }),
  mode: fc.constantFrom(0o644, 0o600, 0o755, 0o444, 0o4755),
});

const shapes = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.dictionary(
    names,
    fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      files,
      fc.record({ link: names }),
      tie("shape"),
    ) as fc.Arbitrary<Shape>,
    { maxKeys: 6 },
  ),
})).shape;

describe.each([
  { protocol: 32, server: "receiver", incremental: true },
  { protocol: 30, server: "sender", incremental: true },
  { protocol: 32, server: "receiver" },
  { protocol: 32, server: "sender" },
  { protocol: 31, server: "receiver" },
  { protocol: 30, server: "sender" },
  { protocol: 29, server: "receiver" },
  { protocol: 29, server: "sender" },
  { protocol: 28, server: "sender" },
] as const)("protocol $protocol, $server as server, incremental: $incremental", (run) => {
  const { protocol } = run;
  test("any tree becomes any other", async () => {
    await fc.assert(
      fc.asyncProperty(shapes, shapes, async (wanted, present) => {
        const source = grow(new MemoryTree(), wanted);
        const target = grow(new MemoryTree(), present);
        // Equal times would make a changed file look unchanged: that is the quick check's bargain, not a failure.
        const options = { delete: "during", ignoreTimes: true } as const;
        const outcome = await synchronize(source, target, { ...run, options });
        expect(outcome.senderError).toBeNull();
        expect(outcome.receiverError).toBeNull();
        expect(outcome.notices).toEqual([]);
        expect(read(target, protocol >= 31)).toEqual(read(source, protocol >= 31));
      }),
      { numRuns: 25 },
    );
  });
});

const bytesOf = (text: string) => Buffer.from(text);

function sample(): { source: MemoryTree; target: MemoryTree } {
  const source = new MemoryTree();
  source.writeFile("changed", Buffer.alloc(300_000, "new content "));
  source.writeFile("fresh", bytesOf("fresh"));
  const target = new MemoryTree();
  target.writeFile("changed", Buffer.alloc(290_000, "old content "));
  target.setTimes("changed", null, { seconds: 1, nanoseconds: 0 });
  return { source, target };
}

const oldOrNew = (tree: MemoryTree) => {
  const content = Buffer.from(tree.readFile("changed"));
  const isOld = content.equals(Buffer.alloc(290_000, "old content "));
  const isNew = content.equals(Buffer.alloc(300_000, "new content "));
  return isOld || isNew;
};

const temporaries = (tree: MemoryTree) => tree.list(".").filter((name) => name.startsWith("."));

test("a connection that is cut after any number of writes leaves whole files and no temporary ones", async () => {
  for (const role of ["tamperSender", "tamperReceiver"] as const) {
    for (let allowed = 0; allowed < 9; allowed++) {
      const { source, target } = sample();
      let count = 0;
      const outcome = await synchronize(source, target, {
        [role]: (chunk: Buffer) => (count++ < allowed ? chunk : null),
      });
      if (outcome.receiverError) expect([10, 12]).toContain(outcome.receiverError.exitCode);
      expect(oldOrNew(target)).toBe(true);
      expect(temporaries(target)).toEqual([]);
    }
  }
});

test("a connection that is cut in the middle of a file leaves the old one", async () => {
  const { source, target } = sample();
  let passed = 0;
  const outcome = await synchronize(source, target, {
    tamperSender: (chunk) => {
      passed += chunk.length;
      return passed > 100_000 ? null : chunk;
    },
    options: { wholeFile: true },
  });
  expect(outcome.receiverError?.exitCode).toBe(12);
  expect(oldOrNew(target)).toBe(true);
  expect(temporaries(target)).toEqual([]);
});

test.each([31, 32])(
  "protocol %i: sides that wait for each other do not keep each other alive",
  async (protocol) => {
    const file = { bytes: noise(20_000), time: 1, mode: 0o644 };
    const source = grow(new MemoryTree(), { file });
    const target = new MemoryTree();
    let passed = 0;
    const outcome = await synchronize(source, target, {
      protocol,
      cutAfterMs: 10_000,
      tamperSender: (chunk) => {
        const kept = chunk.subarray(0, Math.max(0, 10_000 - passed));
        passed += chunk.length;
        return kept;
      },
      options: { timeout: 2 },
    });
    expect(outcome.receiverError?.exitCode).toBe(30);
    expect(target.list(".")).toEqual([]);
  },
);

test("with --partial what had come of a cut file takes its place, as old as can be", async () => {
  const { source, target } = sample();
  let passed = 0;
  const outcome = await synchronize(source, target, {
    tamperSender: (chunk) => {
      passed += chunk.length;
      return passed > 300_000 ? null : chunk;
    },
    options: { wholeFile: true, partial: true },
  });
  expect(outcome.receiverError?.exitCode).toBe(12);
  const kept = Buffer.from(target.readFile("changed"));
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.equals(Buffer.alloc(300_000, "new content ").subarray(0, kept.length))).toBe(true);
  expect(target.stat("changed")?.mtime).toBe(0);
  expect(temporaries(target)).toEqual([]);
});

test("deletion leaves the temporary file of a transfer alone that began before its directory's turn", async () => {
  // In the order of protocol 28 these names come before the root.
  const file = { bytes: noise(1000), time: 1, mode: 0o644 };
  for (let i = 0; i < 20; i++) {
    const source = grow(new MemoryTree(), { "\x01_": file, "-dash": file });
    const target = grow(new MemoryTree(), { "-dash": { ...file, bytes: Uint8Array.of(0) } });
    const options = { delete: "during", ignoreTimes: true } as const;
    const outcome = await synchronize(source, target, { protocol: 28, server: "sender", options });
    expect(outcome.notices).toEqual([]);
    expect(read(target, false)).toEqual(read(source, false));
  }
});

test("any single damaged byte ends in whole files: an error, a redo, the right result, or a line that somebody has to cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("tamperSender", "tamperReceiver"),
      fc.integer({ min: 0, max: 400_000 }),
      fc.integer({ min: 1, max: 255 }),
      async (role, position, flip) => {
        const { source, target } = sample();
        let passed = 0;
        const outcome = await synchronize(source, target, {
          [role]: (chunk: Buffer) => {
            const at = position - passed;
            passed += chunk.length;
            if (at >= 0 && at < chunk.length) chunk[at] = chunk[at]! ^ flip;
            return chunk;
          },
          options: { wholeFile: position % 2 === 0 },
          cutAfterMs: 300,
        });
        for (const error of [outcome.senderError, outcome.receiverError]) {
          if (error !== null) expect(error).toBeInstanceOf(RsyncError);
        }
        expect(oldOrNew(target)).toBe(true);
        expect(temporaries(target)).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

/** A tree that works until told otherwise. */
class FailingTree extends MemoryTree {
  failAt = Number.POSITIVE_INFINITY;
  #writes = 0;

  override createTemporary(path: string, mode: number) {
    const temporary = super.createTemporary(path, mode);
    const file: TreeFile = temporary.file;
    for (const method of ["write", "writev"] as const) {
      const original = file[method].bind(file) as (bytes: never) => void;
      file[method] = ((bytes: never) => {
        if (++this.#writes >= this.failAt) throw new TreeError("ENOSPC", 28, "no space");
        original(bytes);
      }) as never;
    }
    return temporary;
  }
}

test("a full disk ends the run with 11, keeps the old file and leaves nothing half-written", async () => {
  for (let failAt = 1; failAt < 4; failAt++) {
    const { source } = sample();
    const target = new FailingTree();
    target.failAt = failAt;
    target.writeFile("changed", Buffer.alloc(290_000, "old content "));
    target.setTimes("changed", null, { seconds: 1, nanoseconds: 0 });
    const outcome = await synchronize(source, target, { options: { wholeFile: true } });
    expect(outcome.receiverError?.exitCode).toBe(11);
    expect(outcome.receiverError?.message).toContain("No space left on device");
    expect(outcome.senderError?.exitCode).toBe(11);
    expect(oldOrNew(target)).toBe(true);
    expect(temporaries(target)).toEqual([]);
  }
});

test("a source that vanishes after it was listed is reported, and the rest arrives: 24", async () => {
  const { source, target } = sample();
  const open = source.open.bind(source);
  source.open = (path) => {
    if (path === "changed") throw new TreeError("ENOENT", 2, "gone");
    return open(path);
  };
  const outcome = await synchronize(source, target);
  expect(outcome.receiverError).toBeNull();
  expect(outcome.receiver?.exitCode()).toBe(24);
  expect(outcome.sender?.exitCode()).toBe(24);
  expect(Buffer.from(target.readFile("fresh")).toString()).toBe("fresh");
});

test("a source that can not be read in the middle is sent again, then given up: 23, old file kept", async () => {
  const { source, target } = sample();
  const open = source.open.bind(source);
  source.open = (path) => {
    const file = open(path);
    if (path === "changed") {
      let reads = 0;
      const read = file.read.bind(file);
      file.read = (into) => {
        if (++reads > 1) throw new TreeError("EIO", 5, "bad disk");
        return read(into);
      };
      file.readv = () => {
        throw new TreeError("EIO", 5, "bad disk");
      };
    }
    return file;
  };
  const outcome = await synchronize(source, target, { options: { wholeFile: true } });
  expect(outcome.receiver?.exitCode()).toBe(23);
  expect(oldOrNew(target)).toBe(true);
  expect(temporaries(target)).toEqual([]);
});

test("a list that names what lies outside is refused before anything is touched", async () => {
  const { source, target } = sample();
  const list = source.list.bind(source);
  source.list = (path) => (path === "." ? ["../outside"] : list(path));
  const stat = source.stat.bind(source);
  source.stat = (path) => stat(path === "../outside" ? "fresh" : path);
  const outcome = await synchronize(source, target);
  expect(outcome.receiverError).toBeInstanceOf(ProtocolError);
  expect(outcome.receiverError?.exitCode).toBe(4);
  expect(target.list(".")).toEqual(["changed"]);
});

test("deletions stop at the limit and tell so: 25", async () => {
  const source = new MemoryTree();
  const target = new MemoryTree();
  for (const name of ["a", "b", "c"]) target.writeFile(name, bytesOf(name));
  const outcome = await synchronize(source, target, {
    options: { delete: "during", maxDelete: 1 },
  });
  expect(target.list(".")).toHaveLength(2);
  expect(outcome.receiver?.exitCode()).toBe(25);
  expect(outcome.notices.map(({ text }) => text).join("")).toContain("(2 skipped)");
});

test("an error at the sender stops deletions", async () => {
  const { source, target } = sample();
  target.writeFile("extra", bytesOf("x"));
  source.makeDirectory("closed", 0o700);
  const list = source.list.bind(source);
  source.list = (path) => {
    if (path === "closed") throw new TreeError("EACCES", 13, "closed");
    return list(path);
  };
  const outcome = await synchronize(source, target, { options: { delete: "after" } });
  expect(outcome.receiver?.exitCode()).toBe(23);
  expect(target.list(".")).toContain("extra");
});

test("both sides tell when a file is done, and how much it was", async () => {
  const { source, target } = sample();
  const done = new Map<string, number[]>();
  await synchronize(source, target, {
    progress: ({ entry, position, done: isDone }) => {
      if (isDone) done.set(entry.name, [...(done.get(entry.name) ?? []), position]);
    },
  });
  expect(done.size).toBeGreaterThan(1);
  for (const [name, positions] of done) {
    const { size } = source.stat(name)!;
    expect([name, ...positions]).toEqual([name, size, size]);
  }
});
