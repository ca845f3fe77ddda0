/**
 * Hard links, with both of our sides over memory trees.
 */
import {
  createEntry,
  createListOptions,
  EntryFlag,
  extraOf,
  FileListSet,
} from "@tsrsync/protocol/file-list";
import { ItemFlag } from "@tsrsync/protocol/item";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Phases } from "../receiver/phases.js";
import { archiveOptions, synchronize } from "../testing/sessions.js";
import { MemoryTree, treeError } from "../tree/index.js";
import type { GeneratorContext } from "./context.js";
import { type GenerateItem, HardLinks } from "./hard-links.js";
import type { ItemOutcome } from "./regular-file.js";
import type { Remover } from "./remove.js";

const HARD = { hardLinks: true };

function put(tree: MemoryTree, path: string, text: string, seconds = 1000): void {
  tree.writeFile(path, Buffer.from(text, "latin1"), 0o644);
  tree.setTimes(path, null, { seconds, nanoseconds: 0 });
}

/** `a`, `d/b` and `z` are one file, `l1` and `l2` one link, `p1` and `p2` one FIFO. */
function source(): MemoryTree {
  const tree = new MemoryTree();
  tree.makeDirectory("d", 0o755);
  put(tree, "a", "content");
  tree.makeHardLink("d/b", "a");
  tree.makeHardLink("z", "a");
  tree.makeSymlink("l1", "target");
  tree.makeHardLink("l2", "l1");
  tree.makeNode("p1", 0o010644, 0, 0);
  tree.makeHardLink("p2", "p1");
  put(tree, "single", "alone");
  return tree;
}

/** Which names of a tree are one item: each name with the first name of its item. */
function names(tree: MemoryTree, directory = "."): Record<string, string> {
  const first = new Map<bigint, string>();
  const found: Record<string, string> = {};
  const visit = (at: string): void => {
    for (const name of [...tree.list(at)].sort()) {
      const path = at === "." ? name : `${at}/${name}`;
      const { ino, mode } = tree.stat(path)!;
      if ((mode & 0o170000) === 0o040000) visit(path);
      else {
        if (!first.has(ino)) first.set(ino, path);
        found[path] = first.get(ino)!;
      }
    }
  };
  visit(directory);
  return found;
}

describe.each([28, 29, 30, 31, 32])("protocol %d", (protocol) => {
  test("items with several names keep them", async () => {
    const from = source();
    const to = new MemoryTree();
    const outcome = await synchronize(from, to, { options: HARD, protocol });
    expect([outcome.senderError, outcome.receiverError, outcome.notices]).toEqual([null, null, []]);
    expect(names(to)).toEqual(names(from));
    expect(outcome.sender?.statistics.transferredFiles).toBe(2);
  });

  test("without -H each name is an item", async () => {
    const to = new MemoryTree();
    await synchronize(source(), to, { protocol });
    expect(new Set(Object.values(names(to))).size).toBe(8);
  });

  test("names that are items of their own at the destination become one", async () => {
    const from = source();
    const to = new MemoryTree();
    await synchronize(from, to, { protocol });
    const outcome = await synchronize(from, to, { options: HARD, protocol });
    expect(names(to)).toEqual(names(from));
    expect(outcome.sender?.statistics.transferredFiles).toBe(0);
  });

  test("a change of content reaches all names", async () => {
    const from = source();
    const to = new MemoryTree();
    await synchronize(from, to, { options: HARD, protocol });
    put(from, "a", "changed content", 2000);
    const outcome = await synchronize(from, to, { options: HARD, protocol });
    expect(names(to)).toEqual(names(from));
    expect(Buffer.from(to.readFile("z")).toString()).toBe("changed content");
    expect(outcome.sender?.statistics.transferredFiles).toBe(1);
  });
});

test("what is done is told", async () => {
  const from = source();
  const to = new MemoryTree();
  const first = await synchronize(from, to, { options: HARD });
  const made = ItemFlag.LocalChange | ItemFlag.XnameFollows | ItemFlag.IsNew;
  expect(first.items["l2"]).toEqual({ flags: made, xname: "l1" });
  const leader = ["a", "d/b", "z"].find((name) => first.items[name]!.flags & ItemFlag.Transfer);
  for (const name of ["a", "d/b", "z"].filter((other) => other !== leader)) {
    expect(first.items[name]).toEqual({ flags: made, xname: leader });
  }
  const second = await synchronize(from, to, { options: HARD });
  expect(second.items).toEqual({});
  const third = await synchronize(from, to, { options: { ...HARD, reportUnchanged: true } });
  const known = ItemFlag.LocalChange | ItemFlag.XnameFollows;
  expect(third.items["l2"]).toEqual({ flags: known, xname: "" });
});

test("a dry run tells the same and changes nothing", async () => {
  const to = new MemoryTree();
  const outcome = await synchronize(source(), to, { options: { ...HARD, dryRun: true } });
  expect(to.list("")).toEqual([]);
  expect(outcome.items["l2"]!.xname).toBe("l1");
  expect(Object.values(outcome.items).filter(({ xname }) => xname !== null).length).toBe(4);
});

test.each([29, 32])(
  "a link that fails is told, and the rest goes on (protocol %d)",
  async (protocol) => {
    const to = new MemoryTree();
    const link = to.makeHardLink.bind(to);
    const linkFrom = to.linkFrom.bind(to);
    const refusing = (path: string): void => {
      if (path === "l2") throw treeError("EMLINK", "make hard link", path);
    };
    to.makeHardLink = (path, existing) => {
      refusing(path);
      link(path, existing);
    };
    to.linkFrom = (tree, existing, path) => {
      refusing(path);
      linkFrom(tree, existing, path);
    };
    const outcome = await synchronize(source(), to, { options: HARD, protocol });
    expect(outcome.receiver?.hadTransferError).toBe(true);
    expect(outcome.notices.some(({ text }) => text.includes("=> l1"))).toBe(true);
    expect(names(to)["z"]).toBe("a");
  },
);

test.each([30, 32])(
  "when the name that was asked for can not be sent, another one is (protocol %d)",
  async (protocol) => {
    const from = source();
    const to = new MemoryTree();
    const open = from.open.bind(from);
    let refused = "";
    from.open = (path) => {
      if (refused === "" && path !== "single") refused = path;
      if (path === refused) throw treeError("EACCES", "open", path);
      return open(path);
    };
    const outcome = await synchronize(from, to, { options: HARD, protocol });
    expect(outcome.receiverError).toBeNull();
    expect(refused).toBe("d/b");
    const { "d/b": _, ...others } = names(from);
    expect(names(to)).toEqual(others);
  },
);

test("any set of names at the destination becomes the one of the source", async () => {
  const content = fc.integer({ min: 0, max: 2 });
  const path = fc.constantFrom("a", "b", "d/a", "d/b", "e/a", "e/b", "e/c");
  const shape = fc.dictionary(path, content, { maxKeys: 7 });
  const grow = (items: Record<string, number>): MemoryTree => {
    const tree = new MemoryTree();
    tree.makeDirectory("d", 0o755);
    tree.makeDirectory("e", 0o755);
    const known = new Map<number, string>();
    for (const [name, item] of Object.entries(items)) {
      const existing = known.get(item);
      if (existing !== undefined) tree.makeHardLink(name, existing);
      else put(tree, name, `item ${item}`, 1000 + item);
      known.set(item, name);
    }
    return tree;
  };
  await fc.assert(
    fc.asyncProperty(shape, shape, fc.constantFrom(29, 30, 32), async (wanted, there, protocol) => {
      const from = grow(wanted);
      const to = grow(there);
      const options = { ...HARD, delete: "during" as const };
      const outcome = await synchronize(from, to, { options, protocol });
      expect(outcome.notices).toEqual([]);
      expect(names(to)).toEqual(names(from));
    }),
    { numRuns: 40 },
  );
});

test("a name that is in its place before it is known to be asked for leads the others", async () => {
  const lists = new FileListSet(createListOptions(32), { receiving: true });
  const name = (path: string) => {
    const entry = createEntry(path, 0o100644);
    entry.flags |= EntryFlag.HardLinked;
    extraOf(entry).hardLinkGroup = 0;
    return entry;
  };
  const { entries } = lists.add([name("a"), name("b")]);
  const phases = new Phases(lists, false);
  const session = { protocol: 32, options: archiveOptions(HARD) };
  const context = { session, phases, lists, destination: { localName: null } };
  const generate: GenerateItem = async (ndx): Promise<ItemOutcome> => {
    phases.requested(ndx);
    await Promise.resolve();
    phases.placed(ndx);
    phases.settled(ndx);
    return "requested";
  };
  const links = new HardLinks(context as unknown as GeneratorContext, {} as Remover, generate);
  links.learn();
  const group = links.groupOf(entries[0]!)!;
  await links.take(0, entries[0]!, group);
  await links.attend();
  expect(group.leader).toEqual({ name: "a", path: "a" });
  expect(links.areAwaited).toBe(false);
});
