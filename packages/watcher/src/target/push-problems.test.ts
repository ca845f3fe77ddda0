import { describe, expect, it } from "vitest";
import { type Notice, PushProblems } from "./push-problems.js";
import type { PushPlan } from "./types.js";

const PLAN: PushPlan = {
  items: ["", "d", "d/new", "d/new/in", "d/new/deep", "d/type", "moved"],
  forced: new Set(),
  deletes: ["d/gone", "tree-gone"],
  trees: ["t"],
  links: [{ from: "old", to: "moved" }],
};
const PLACE = { directory: "", root: "/src", partialDir: null };

function problems(
  texts: readonly string[],
  level: Notice["level"] = "transfer-error",
): PushProblems {
  const found = new PushProblems(PLAN, PLACE);
  found.settle(
    texts.map((text) => ({ level: text.startsWith("***") ? "error" : level, text: `${text}\n` })),
    true,
  );
  return found;
}

const failed = (...texts: string[]) => [...problems(texts).failed.keys()].sort();

describe("what fails with a text", () => {
  it("is all that was to come into a directory that can not be made", () => {
    const text =
      'rsync: [generator] recv_generator: mkdir "d/new" (in m) failed: Permission denied (13)';
    const all = ["d/new", "d/new/deep", "d/new/in"];
    expect(failed(text)).toEqual(all);
    expect(failed(text, "*** Skipping any contents from this failed directory ***")).toEqual(all);
    expect(
      failed('rsync: recv_generator: failed to stat "d/new" (in m): Permission denied (13)'),
    ).toEqual(["d/new"]);
  });

  it("is the path to be deleted when something below it stays", () => {
    expect(
      failed("rsync: delete_file: unlink(tree-gone/a/b) failed: Permission denied (13)"),
    ).toEqual(["tree-gone"]);
  });

  it("is the item that something stands in the way of", () => {
    expect(failed("rsync: delete_file: unlink(d/type/x) failed: Permission denied (13)")).toEqual([
      "d/type",
    ]);
    expect(
      failed('rsync: mkstemp "d/type/.x.abcdef" (in m) failed: Permission denied (13)'),
    ).toEqual(everything());
  });

  it("is the new name of a moved file", () => {
    expect(
      failed('rsync: [sender] send_files failed to open "/src/old": Permission denied (13)'),
    ).toEqual(["moved"]);
  });

  it("is a path below a tree, as it is", () => {
    expect(failed('rsync: mkstemp "t/x/.y.abcdef" (in m) failed: Permission denied (13)')).toEqual([
      "t/x/y",
    ]);
  });

  it("is everything when nobody can tell", () => {
    expect(failed("rsync: something new failed: Permission denied (13)")).toEqual(everything());
    expect(failed()).toEqual(everything());
  });

  it("is nothing when the session ended in order", () => {
    const found = new PushProblems(PLAN, PLACE);
    found.settle([{ level: "error", text: 'rsync: failed to open "d/new", continuing\n' }], false);
    expect(found.failed.size).toBe(0);
  });
});

function everything(): string[] {
  return [...PLAN.items, ...PLAN.deletes, ...PLAN.trees].sort();
}

describe("failures that another session makes good", () => {
  it("are taken back", () => {
    const found = problems([
      'rsync: [generator] link "moved" (in m) => old failed: Invalid cross-device link (18)',
    ]);
    expect(found.takeFailed((_, why) => /link/.test(why))).toEqual(["moved"]);
    expect(found.failed.size).toBe(0);
  });
});
