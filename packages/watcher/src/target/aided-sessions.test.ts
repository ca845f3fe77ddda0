import { expect, it } from "vitest";
import { type AidPlanning, planAidedSessions } from "./aided-sessions.js";

const planning: AidPlanning = {
  options: ["link-dest", "copy-dest", "fuzzy"],
  keepsOldNames: false,
  isUsual: (path) => !path.endsWith(".img"),
};

const moved = [
  { from: "a/old/f", to: "a/new/f" },
  { from: "a/old/d/g", to: "a/new/d/g" },
  { from: "a/old/x.img", to: "a/new/x.img" },
  { from: "h", to: "a/b/h" },
  { from: "d/old", to: "d/new" },
  { from: "old", to: "new" },
];

it("moved files go by directory, and those with new names together", () => {
  const link = (path: string) => ({ option: "link-dest", alternate: { kind: "link", path } });
  expect(planAidedSessions(moved, planning)).toEqual([
    { directory: "a/new", files: ["a/new/f", "a/new/d/g"], ...link("../old") },
    { directory: "a/b", files: ["a/b/h"], ...link("../..") },
    { directory: "", files: ["d/new", "new"], option: "fuzzy", alternate: undefined },
  ]);
});

it("old names that stay are copied from, not linked to", () => {
  const into = [{ from: "old/f", to: "f" }];
  expect(planAidedSessions(into, { ...planning, keepsOldNames: true })).toEqual([
    {
      directory: "",
      files: ["f"],
      option: "copy-dest",
      alternate: { kind: "copy", path: "old" },
    },
  ]);
  const linksOnly = { ...planning, options: ["link-dest" as const], keepsOldNames: true };
  expect(planAidedSessions(into, linksOnly)).toEqual([]);
});
