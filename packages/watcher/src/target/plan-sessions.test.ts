import { expect, it } from "vitest";
import { planSessions } from "./plan-sessions.js";
import type { WritingKind } from "./session-words.js";
import type { Capabilities, PushPlan } from "./types.js";

const ALL: Capabilities = {
  missingArguments: true,
  deletes: true,
  hardLinks: true,
  renameOptions: [],
  nanoseconds: true,
};

function sessions(plan: Partial<PushPlan>, can: Partial<Capabilities> = {}) {
  const whole = {
    items: [],
    forced: new Set<string>(),
    deletes: [],
    trees: [],
    links: [],
    ...plan,
  };
  const kindOf = (path: string): WritingKind => (path.endsWith(".img") ? "inplace" : "usual");
  const capabilities = { ...ALL, ...can };
  return planSessions(whole, { capabilities, keepsHardLinks: false, kindOf }).map(
    ({ kind, selection }) => ({
      kind,
      present: [...selection.present].sort(),
      missing: selection.missing,
      moved: selection.moved,
    }),
  );
}

const nothing = { missing: [], moved: [] };

it("one session has items, deletes and links, and the directories whose names change", () => {
  const links = [{ from: "old", to: "d/new" }];
  expect(sessions({ items: ["a/b/f", "d/new"], deletes: ["x/gone", "y"], links })).toEqual([
    {
      kind: "usual",
      present: ["", "a/b", "a/b/f", "d", "d/new", "x"],
      missing: ["x/gone", "y"],
      moved: links,
    },
  ]);
});

it("nothing at all needs no session", () => {
  expect(sessions({})).toEqual([]);
  expect(sessions({ deletes: ["x"] }, { missingArguments: false })).toEqual([]);
});

it("what is forced, or written in place, has a session of its own", () => {
  expect(sessions({ items: ["f", "g", "d/x.img"], forced: new Set(["g", "d/x.img"]) })).toEqual([
    { kind: "usual", present: ["", "f"], ...nothing },
    { kind: "forced", present: ["", "g"], ...nothing },
    { kind: "inplace", present: ["d", "d/x.img"], ...nothing },
  ]);
});

it("deletes, and directories that only get their times, go with what is forced when nothing else is sent", () => {
  const plan = {
    items: ["d", "d/f", ""],
    forced: new Set(["d/f"]),
    touched: new Set(["d", ""]),
    deletes: ["d/f.tmp"],
  };
  const alone = { kind: "forced", present: ["", "d", "d/f"], missing: ["d/f.tmp"], moved: [] };
  expect(sessions(plan)).toEqual([alone]);
  expect(sessions({ ...plan, touched: new Set(["d"]) })).toEqual([
    { kind: "usual", present: ["", "d"], missing: ["d/f.tmp"], moved: [] },
    { kind: "forced", present: ["d", "d/f"], ...nothing },
  ]);
  const links = [{ from: "old", to: "d/f" }];
  expect(sessions({ ...plan, links })).toEqual([{ ...alone, kind: "usual", moved: links }]);
});

it("where seconds are compared all is forced but what is to be linked", () => {
  const links = [{ from: "old", to: "n" }];
  expect(sessions({ items: ["f", "n"], links }, { nanoseconds: false })).toEqual([
    { kind: "usual", present: ["", "n"], missing: [], moved: links },
    { kind: "forced", present: ["", "f"], ...nothing },
  ]);
});

it("without links moved files are sent like any other", () => {
  const links = [{ from: "old", to: "n" }];
  expect(sessions({ items: ["n"], links }, { hardLinks: false })).toEqual([
    { kind: "usual", present: ["", "n"], ...nothing },
  ]);
});
