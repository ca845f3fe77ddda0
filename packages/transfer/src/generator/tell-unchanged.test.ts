import { createEntry, extraOf } from "@tsrsync/protocol/file-list";
import { ItemFlag } from "@tsrsync/protocol/item";
import { expect, test } from "vitest";
import { madeText, unchangedText } from "./tell-unchanged.js";

const FILE = 0o100644;
const DIRECTORY = 0o040755;
const { IsNew, LocalChange, ReportPerms, ReportTime } = ItemFlag;

test.each([
  ["an unchanged file", FILE, 0, null, "f is uptodate"],
  ["one whose attributes change", FILE, ReportPerms | ReportTime, null, "f"],
  ["one that was copied from an alternate directory", FILE, LocalChange, null, "f is uptodate"],
  ["one that was linked to one", FILE, LocalChange, "", "f is uptodate"],
  ["one that was linked to another name", FILE, LocalChange, "g", null],
  ["one that was made with other attributes", FILE, LocalChange | ReportTime, null, null],
  ["an unchanged directory", DIRECTORY, 0, null, null],
  ["one whose attributes change", DIRECTORY, ReportTime, null, null],
  [
    "one that was made as an alternate directory has it",
    DIRECTORY,
    LocalChange,
    null,
    "f/ is uptodate",
  ],
  ["a new one", DIRECTORY, LocalChange | IsNew, null, null],
])("%s (mode %o)", (_what, mode, flags, xname, text) => {
  expect(unchangedText({ name: "f", mode }, flags, xname)).toBe(text);
});

test.each([
  ["an unchanged file", FILE, 0, null, null],
  ["one whose attributes change", FILE, ReportPerms, null, null],
  ["one that is linked to another name", FILE, LocalChange, "g", "f => g"],
  ["one that was linked to an alternate", FILE, LocalChange, "", null],
  ["a directory whose attributes change", DIRECTORY, ReportTime, null, "f/"],
  ["a new one", DIRECTORY, LocalChange | IsNew, null, "f/"],
  ["a new pipe", 0o010644, LocalChange | IsNew, null, "f"],
])("before protocol 29: %s (mode %o)", (_what, mode, flags, xname, text) => {
  expect(madeText(createEntry("f", mode), flags, xname)).toBe(text);
});

test("before protocol 29: a new link", () => {
  const link = createEntry("l", 0o120777);
  extraOf(link).linkTarget = "to";
  expect(madeText(link, LocalChange | IsNew, null)).toBe("l -> to");
  expect(madeText(link, ReportTime, null)).toBeNull();
});
