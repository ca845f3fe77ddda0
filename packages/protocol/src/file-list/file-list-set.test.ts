import { describe, expect, test } from "vitest";
import { ProtocolError } from "../errors.js";
import { createEntry } from "./file-entry.js";
import { indexAt } from "./file-list.js";
import { FileListSet } from "./file-list-set.js";
import { createListOptions } from "./list-options.js";

const file = (name: string) => createEntry(name, 0o100644);
const dir = (name: string) => createEntry(name, 0o40755);
const incremental = createListOptions(32, 0x1ff);
const whole = createListOptions(32, 0x1fe);
const receiving = { receiving: true };

const exitCode = (act: () => unknown): number => {
  try {
    act();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ProtocolError);
    return (thrown as ProtocolError).exitCode;
  }
  return 0;
};

/** The tree of 2.17.4 as far as its first three lists. */
function nested(): FileListSet {
  const lists = new FileListSet(incremental, receiving);
  lists.add([dir("."), file("top"), dir("a"), file("a.txt"), dir("d")]);
  lists.add([dir("a/b"), file("a/x")], 1);
  lists.add([file("a/b/x3"), dir("a/b/c")], 3);
  return lists;
}

describe("with incremental recursion", () => {
  test("indexes go on with one left out for each list's directory", () => {
    const lists = nested();
    expect(lists.lists.map(({ firstIndex }) => firstIndex)).toEqual([1, 7, 10]);
    const names = Array.from({ length: 12 }, (_, index) => lists.entryAt(index).name);
    expect(names).toEqual([
      ...[".", ".", "a.txt", "top", "a", "d"],
      ...["a", "a/x", "a/b", "a/b", "a/b/x3", "a/b/c"],
    ]);
    expect(lists.directories.map(({ name }) => name)).toEqual([".", "a", "d", "a/b", "a/b/c"]);
    expect(lists.lists[1]).toMatchObject({ parentDirIndex: 1, firstDirIndex: 3, dirCount: 1 });
  });

  test("an index outside of the lists is refused by name", () => {
    const lists = nested();
    expect(() => lists.entryAt(12)).toThrow("file index: expected 0..11, got 12");
    expect(() => lists.entryAt(-1)).toThrow("got -1");
    lists.freeFirst();
    expect(() => lists.entryAt(5)).toThrow("file index: expected 6..11, got 5");
    expect(lists.entryAt(6).name).toBe("a");
    expect(lists.entryCount).toBe(4);
  });

  test("index 0 is nothing when the first list has no root", () => {
    const lists = new FileListSet(incremental, receiving);
    lists.add([file("x")]);
    expect(exitCode(() => lists.entryAt(0))).toBe(2);
  });

  test("an empty list has but the index of its directory", () => {
    const lists = new FileListSet(incremental, receiving);
    lists.add([dir("e"), file("x")]);
    lists.add([], 0);
    expect(lists.entryAt(3).name).toBe("e");
    expect(exitCode(() => lists.entryAt(4))).toBe(2);
  });

  test("a directory index out of range, a second list and a list for a duplicate are refused", () => {
    const lists = nested();
    expect(exitCode(() => lists.directoryAt(5))).toBe(2);
    expect(exitCode(() => lists.directoryAt(-1))).toBe(2);
    expect(exitCode(() => lists.add([file("a/y")], 1))).toBe(2);
    const clash = new FileListSet(incremental, receiving);
    clash.add([dir("both"), dir("both")]);
    expect(clash.directoryAt(0).name).toBe("both");
    expect(exitCode(() => clash.directoryAt(1))).toBe(2);
  });

  test.each([
    ["a name in another directory", "d/x", 1],
    ["a name further down", "a/b/x", 1],
    ["a name at the root", "x", 1],
    ["a name that only starts alike", "ab/x", 1],
    ["any name in a list for the root", "x", 0],
  ])("%s is refused", (_, name, dirIndex) => {
    const lists = new FileListSet(incremental, receiving);
    lists.add([dir("."), dir("a"), dir("d")]);
    expect(exitCode(() => lists.add([file(name)], dirIndex))).toBe(4);
  });

  test("a path in the first list is refused", () => {
    expect(exitCode(() => new FileListSet(incremental, receiving).add([file("a/x")]))).toBe(4);
  });
});

describe("without incremental recursion", () => {
  test("indexes start at 0", () => {
    const lists = new FileListSet(whole, receiving);
    lists.add([file("b"), file("a")]);
    expect(lists.entryAt(0).name).toBe("a");
    expect(exitCode(() => lists.entryAt(2))).toBe(2);
  });

  test.each([
    [[file("a/x")], 2],
    [[file("a"), file("a/x")], 2],
    [[dir("a"), file("a/x"), file("a/b/y")], 2],
    [[dir("a"), file("a/x"), file("ab/y")], 2],
    [[dir("a"), dir("a/b"), file("a/b/y"), file("a/x")], 0],
  ])("parents must be listed: case %#", (entries, code) => {
    expect(exitCode(() => new FileListSet(whole, receiving).add(entries))).toBe(code);
  });

  test("old senders may leave parents out with --relative --no-implied-dirs", () => {
    const given = { relative: true, impliedDirs: false };
    const add = (protocol: number) => () =>
      new FileListSet(createListOptions(protocol, 0, given), receiving).add([file("a/x")]);
    expect(exitCode(add(29))).toBe(0);
    expect(exitCode(add(30))).toBe(2);
  });

  test("leading slashes of --relative vanish after sorting", () => {
    const options = createListOptions(32, 0x1fe, { relative: true });
    const lists = new FileListSet(options, receiving);
    lists.add([dir("/a"), file("/a/x"), file("y")]);
    expect(lists.lists[0]!.entries.map(({ name }) => name)).toEqual(["y", "a", "a/x"]);
  });
});

test("a dropped duplicate keeps its index, which must not be used", () => {
  const lists = new FileListSet(whole, receiving);
  lists.add([file("a"), file("a"), file("b")]);
  expect(lists.entryAt(2).name).toBe("b");
  expect(() => lists.entryAt(1)).toThrow("cleared file index 1: the entry is a duplicate");
});

test("a sender keeps duplicates and checks nothing", () => {
  const lists = new FileListSet(incremental, { receiving: false });
  lists.add([file("a"), file("a"), file("x/y")]);
  expect(lists.entryAt(2).name).toBe("a");
});

test("with converted names entries are numbered in sending order, and walked sorted", () => {
  const lists = new FileListSet(incremental, { receiving: true, bySendingOrder: true });
  const list = lists.add([dir("d"), file("b"), dir("c"), file("a")]);
  expect(list.entries.map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
  expect(list.entries.map((_, position) => indexAt(list, position))).toEqual([4, 2, 3, 1]);
  expect(lists.entryAt(4).name).toBe("a");
  expect(lists.directories.map(({ name }) => name)).toEqual(["d", "c"]);
});

test("freeing more lists than there are is refused", () => {
  const lists = new FileListSet(whole, receiving);
  lists.add([]);
  lists.freeFirst();
  expect(lists.freedCount).toBe(1);
  expect(exitCode(() => lists.freeFirst())).toBe(2);
  expect(exitCode(() => lists.entryAt(0))).toBe(2);
});
