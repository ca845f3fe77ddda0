import { ItemFlag } from "@tsrsync/protocol/item";
import { expect, test } from "vitest";
import { formatItemized } from "./itemize.js";
import { itemEvent, LOCAL_COPY, MODES, type TypeLetter } from "./testing-items.js";

const {
  ReportAtime: Atime,
  ReportChange: Change,
  ReportCrtime: Crtime,
  ReportGroup: Group,
  LocalChange,
  IsNew: New,
  ReportOwner: Owner,
  ReportPerms: Perms,
  ReportSize: Size,
  ReportTime: Time,
} = ItemFlag;
const { ReportAcl: Acl, BasisTypeFollows, Transfer, ReportXattr: Xattr, XnameFollows } = ItemFlag;

// Change strings that rsync 3.5.0 prints for what happened, in local copies.
test.each([
  [">f+++++++++", New | Transfer],
  [">f.s.......", Size | Transfer],
  [">fcs.......", Change | Size | Transfer | BasisTypeFollows],
  [">f..t......", Time | Transfer],
  [">f.........", Transfer],
  [".f....og...", Owner | Group],
  [".f...p.....", Perms],
  [".f         ", 0],
  [".f.......ax", Acl | Xattr],
  [".f......u..", Atime],
  [".f......n..", Crtime],
  [".f......b..", Atime | Crtime],
  ["cd+++++++++", New | LocalChange],
  ["cd         ", LocalChange],
  [".d..t......", Time],
  ["cL+++++++++", New | LocalChange | Change],
  ["cLc........", LocalChange | Change],
  ["cLc.t......", LocalChange | Change | Time],
  ["cLc.T......", LocalChange | Change | Time | Size],
  [".L..t......", Time],
  ["hL+++++++++", New | LocalChange | XnameFollows],
  ["hL..t......", LocalChange | XnameFollows | Time],
  ["cDc........", LocalChange | Change],
  [".D...p.....", Perms],
  ["cS+++++++++", New | LocalChange | Change],
  [".S..t...u..", Time | Atime],
  ["hf+++++++++", New | LocalChange | XnameFollows],
  ["hf         ", LocalChange | XnameFollows],
  ["hD         ", LocalChange | XnameFollows],
])("%s", (text, itemFlags) => {
  const mode = MODES[text.charAt(1) as TypeLetter];
  expect(formatItemized(itemEvent({ itemFlags, mode }), LOCAL_COPY)).toBe(text.slice(0, 11));
});

test("a time that is not preserved is the time of the transfer", () => {
  const settings = { local: true, preserveTimes: false };
  expect(formatItemized(itemEvent({ itemFlags: Size | Time | Transfer }), settings)).toBe(
    ">f.sT......",
  );
});

test("data goes out only to another machine", () => {
  const remote = { local: false, preserveTimes: true };
  expect(formatItemized(itemEvent({ outgoing: true }), remote)).toBe("<f+++++++++");
  expect(formatItemized(itemEvent({ outgoing: false }), remote)).toBe(">f+++++++++");
});

test("a peer that can not tell what differs makes question marks, but not for a new file", () => {
  const old = itemEvent({ itemFlags: Transfer, changesUnknown: true });
  expect(formatItemized(old, LOCAL_COPY)).toBe(">f?????????");
  expect(formatItemized({ ...old, itemFlags: New | Transfer }, LOCAL_COPY)).toBe(">f+++++++++");
});

test("a deletion has its own word of the same width", () => {
  expect(formatItemized(itemEvent({ deleted: true }), LOCAL_COPY)).toBe("*deleting  ");
});
