import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { markDuplicates } from "./duplicates.js";
import { createEntry, EntryFlag, type FileEntry, isDirectory } from "./file-entry.js";
import { compareEntries, sortEntries } from "./order.js";

const file = (name: string) => createEntry(name, 0o100644);
const dir = (name: string, flags = 0) => createEntry(name, 0o40755, 0, 0, 0, 0, 0, flags);
const shown = (entries: readonly FileEntry[]) =>
  entries.map((entry) => entry.name + (isDirectory(entry) ? "/" : ""));

interface Component {
  kind: "FILE" | "DIR";
  text: string;
}

/** The components of a path as 2.7.1 tells them. */
function components(entry: FileEntry): Component[] {
  const parts = entry.name.split("/");
  return parts.map((text, at) => {
    const last = at === parts.length - 1;
    if (last && isDirectory(entry) && text === ".") return { kind: "FILE", text: "" };
    return { kind: last && !isDirectory(entry) ? "FILE" : "DIR", text };
  });
}

const byBytes = (a: string, b: string) =>
  Buffer.compare(Buffer.from(a, "latin1"), Buffer.from(b, "latin1"));

/** The rules of 2.7.1, one by one. */
function compareByRules(a: FileEntry, b: FileEntry): number {
  const left = components(a);
  const right = components(b);
  for (let at = 0; ; at++) {
    const [x, y] = [left[at], right[at]];
    if (x === undefined || y === undefined) return left.length - right.length;
    if (x.kind !== y.kind) return x.kind === "FILE" ? -1 : 1;
    if (x.kind === "FILE") return byBytes(x.text, y.text);
    const difference = byBytes(`${x.text}/`, `${y.text}/`);
    if (difference !== 0) return difference;
  }
}

const name = fc
  .array(fc.constantFrom("a", "a-", "a.b", "ab", "b", "\x01", "\xff", "0"), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join("/"));
const entry = fc
  .tuple(
    fc.oneof(
      name,
      name.map((text) => `/${text}`),
    ),
    fc.boolean(),
  )
  .map(([text, directory]) => (directory ? dir(text) : file(text)));
const entries = fc.array(
  fc.oneof(
    entry,
    fc.constant(null).map(() => dir(".")),
  ),
);

test("from protocol 29 on, lists are in the order of the rules", () => {
  fc.assert(
    fc.property(entries, (list) => {
      const sorted = sortEntries(list, 29);
      expect(shown(sorted)).toEqual(shown([...list].sort(compareByRules)));
    }),
  );
});

test("two entries compare as the rules say", () => {
  fc.assert(
    fc.property(entry, entry, (a, b) => {
      expect(Math.sign(compareEntries(a, b, 32))).toBe(Math.sign(compareByRules(a, b)));
      expect(Math.sign(compareEntries(a, b, 28))).toBe(byBytes(a.name, b.name));
    }),
  );
});

test("files come before directories, and a dash before a slash", () => {
  const sorted = sortEntries([dir("a"), file("a/x"), file("z"), dir("a-b"), dir(".")], 32);
  expect(shown(sorted)).toEqual(["./", "z", "a-b/", "a/", "a/x"]);
});

test("in protocol 28 names are all that counts", () => {
  const sorted = sortEntries([file("z"), dir("a"), file("a/x"), file("a-b"), dir(".")], 28);
  expect(shown(sorted)).toEqual(["./", "a/", "a-b", "a/x", "z"]);
});

describe("duplicates", () => {
  const dropped = (list: readonly FileEntry[], protocol: number) => {
    const sorted = sortEntries(list, protocol);
    markDuplicates(sorted, protocol);
    return sorted.map((item) => (item.flags & EntryFlag.Dropped) !== 0);
  };

  test("the first of equal entries stays", () => {
    const list = [file("x"), file("x"), file("x"), file("y")];
    expect(dropped(list, 32)).toEqual([false, true, true, false]);
    expect(list.map(({ flags }) => flags)).toEqual([0, EntryFlag.Dropped, EntryFlag.Dropped, 0]);
  });

  test.each([28, 29, 32])("a directory wins over a file of its name in protocol %i", (protocol) => {
    for (const list of [
      [file("x"), dir("x"), file("w")],
      [dir("x"), file("x"), file("w")],
    ]) {
      dropped(list, protocol);
      for (const item of list) {
        const gone = item.name === "x" && !isDirectory(item);
        expect(item.flags).toBe(gone ? EntryFlag.Dropped : 0);
      }
    }
  });

  test("an entry that has no local name takes no part", () => {
    const lost = dir("x");
    lost.flags = EntryFlag.Dropped;
    const list = [lost, file("x")];
    dropped(list, 32);
    expect(list.map(({ flags }) => flags)).toEqual([EntryFlag.Dropped, 0]);
  });

  test("directories merge: content and top if either was, implied only if both were", () => {
    const first = dir("d", EntryFlag.ImpliedDir);
    const second = dir("d", EntryFlag.ContentDir | EntryFlag.TopDir);
    dropped([first, second], 32);
    expect(first.flags).toBe(EntryFlag.ContentDir | EntryFlag.TopDir);
    expect(second.flags & EntryFlag.Dropped).toBeTruthy();
    const both = [dir("e", EntryFlag.ImpliedDir), dir("e", EntryFlag.ImpliedDir)];
    dropped(both, 32);
    expect(both[0]!.flags).toBe(EntryFlag.ImpliedDir);
  });
});
