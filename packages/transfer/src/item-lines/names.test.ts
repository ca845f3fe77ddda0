import { ItemFlag } from "@tsrsync/protocol/item";
import { expect, test } from "vitest";
import {
  deletionEvent,
  deletionLine,
  deletionLineKind,
  itemLine,
  type NamePolicy,
  nameLine,
} from "./names.js";
import type { PrintedItem } from "./printed-item.js";
import { itemEvent, MODES, type TypeLetter } from "./testing-items.js";

const {
  ReportChange: Change,
  LocalChange,
  IsNew: New,
  ReportPerms: Perms,
  ReportTime: Time,
  Transfer,
  XnameFollows,
} = ItemFlag;

const QUIET: NamePolicy = {
  hasFormat: false,
  hasItemize: false,
  hasOperation: false,
  everyItem: false,
  nameLevel: 0,
  deleteLevel: 0,
};
const NAMES: NamePolicy = { ...QUIET, hasFormat: true, nameLevel: 1, deleteLevel: 1 };
const ALL_NAMES: NamePolicy = { ...NAMES, nameLevel: 2 };
const ITEMIZE: NamePolicy = { ...QUIET, hasFormat: true, hasItemize: true };
const EVERY_ITEM: NamePolicy = { ...ITEMIZE, everyItem: true };

function event(
  letter: TypeLetter,
  itemFlags: number,
  changes: Partial<PrintedItem> = {},
): PrintedItem {
  return itemEvent({ mode: MODES[letter], itemFlags, ...changes });
}

test("name lines show what the item is", () => {
  expect(nameLine(event("f", New | Transfer))).toBe("f");
  expect(nameLine(event("d", New | LocalChange, { name: "." }))).toBe("./");
  expect(nameLine(event("L", New | LocalChange, { name: "l", linkTarget: "f" }))).toBe("l -> f");
});

test("a hard link shows what it was made from, even when it is a symlink", () => {
  const linked = New | LocalChange | XnameFollows;
  expect(nameLine(event("f", linked, { xname: "a" }))).toBe("f => a");
  expect(nameLine(event("L", linked, { xname: "a", linkTarget: "t" }))).toBe("f => a");
});

test("an empty link name is that of a link-dest directory and is not shown", () => {
  const linked = LocalChange | XnameFollows;
  expect(nameLine(event("f", linked, { xname: "" }))).toBe("f");
  expect(nameLine(event("L", linked, { xname: "", linkTarget: "t" }))).toBe("f -> t");
});

test("the fuzzy basis of a transfer is no link", () => {
  expect(nameLine(event("f", Transfer | New | XnameFollows, { xname: "old" }))).toBe("f");
});

// What rsync 3.5.0 prints with -v, -vv (or --info=name2), -i and -ii.
test.each([
  ["transferred file", event("f", Time | Transfer), "format format format format"],
  ["created symlink", event("L", New | LocalChange | Change), "format format format format"],
  ["replaced device", event("D", LocalChange | Change), "format format format format"],
  [
    "hard link made",
    event("f", LocalChange | XnameFollows, { xname: "h2" }),
    "format format format format",
  ],
  ["directory with another time", event("d", Time), "format format format format"],
  ["file with another mode", event("f", Perms), "none none format format"],
  ["symlink with another time", event("L", Time), "none none format format"],
  ["unchanged file", event("f", 0), "none none none format"],
  ["unchanged directory", event("d", 0), "none none none format"],
  ["directory as in copy-dest", event("d", LocalChange), "none none none format"],
  [
    "file as in link-dest",
    event("f", LocalChange | XnameFollows, { xname: "" }),
    "none none none format",
  ],
])("%s", (_, item, expected) => {
  const lines = [NAMES, ALL_NAMES, ITEMIZE, EVERY_ITEM].map((policy) => itemLine(item, policy));
  expect(lines.join(" ")).toBe(expected);
  expect(itemLine(item, QUIET)).toBe("none");
});

test("NAME level 2 lists everything through a format with %i", () => {
  expect(itemLine(event("f", 0), { ...ITEMIZE, nameLevel: 2 })).toBe("format");
});

test("lines of deletions have the slash of a directory, too", () => {
  expect(
    deletionLine(deletionEvent({ path: "old", isDirectory: true, permissions: 0 }, true)),
  ).toBe("deleting old/");
  expect(
    deletionLine(deletionEvent({ path: "gone", isDirectory: false, permissions: 0 }, true)),
  ).toBe("deleting gone");
});

test("a deletion is told by DEL, by any format, and through a format with %i or %o", () => {
  expect(deletionLineKind(QUIET)).toBe("none");
  expect(deletionLineKind({ ...QUIET, deleteLevel: 1 })).toBe("deleting");
  expect(deletionLineKind({ ...QUIET, hasFormat: true })).toBe("deleting");
  expect(deletionLineKind(ITEMIZE)).toBe("format");
  expect(deletionLineKind({ ...QUIET, hasFormat: true, hasOperation: true })).toBe("format");
});
