import { expect, test } from "vitest";
import { type ListTravel, listCount, listEnd, listStart } from "./list-announcement.js";

function said(travel: ListTravel, fileCount: number): string {
  let text = listStart(travel);
  for (let count = 0; count < fileCount; count++) text += listCount(travel, count);
  return text + listEnd(travel, fileCount);
}

const PUSH: ListTravel = { sending: true, incremental: false, descending: true, listLevel: 1 };
const PULL: ListTravel = { ...PUSH, sending: false };

// What rsync 3.5.0 prints, with --no-i-r where not incremental.
test.each([
  ["push", { ...PUSH, incremental: true }, 4, "sending incremental file list\n"],
  ["pull", { ...PULL, incremental: true, listLevel: 2 }, 4, "receiving incremental file list\n"],
  ["whole push", PUSH, 4, "building file list ... done\n"],
  ["whole pull", PULL, 4, "receiving file list ... done\n"],
  [
    "counted push",
    { ...PUSH, listLevel: 2 },
    251,
    "building file list ... \n 0 files...\r 100 files...\r 200 files...\r251 files to consider\n",
  ],
  [
    "counted pull",
    { ...PULL, listLevel: 2 },
    251,
    "receiving file list ... \n 100 files...\r 200 files...\r251 files to consider\n",
  ],
  [
    "counted push of one",
    { ...PUSH, listLevel: 2 },
    1,
    "building file list ... \n 0 files...\r1 file to consider\n",
  ],
  ["plain files", { ...PUSH, descending: false, listLevel: 2 }, 251, ""],
  ["quiet push", { ...PUSH, listLevel: 0 }, 251, ""],
])("%s", (_, travel, fileCount, text) => {
  expect(said(travel, fileCount)).toBe(text);
});
