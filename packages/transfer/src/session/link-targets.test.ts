import fc from "fast-check";
import { expect, test } from "vitest";
import { isUnsafeTarget, munge, sanitizeTarget, unmunge } from "./link-targets.js";

// The first four are what rsync 3.5.0 stored in a module without chroot and munging.
test.each([
  ["/etc/hostname", 0, "etc/hostname"],
  ["../../../x", 0, "x"],
  ["../ok", 0, "ok"],
  ["../a/b", 1, "../a/b"],
  ["../../a", 1, "../a"],
  ["a/../b", 0, "b"],
  ["a/../../b", 0, "b"],
  ["./a//b/.", 3, "a/b"],
  ["..", 0, "."],
  ["/", 0, "."],
])("%j at depth %d becomes %j", (target, depth, expected) => {
  expect(sanitizeTarget(target, depth)).toBe(expected);
});

const targets = fc
  .array(fc.constantFrom("..", ".", "", "a", "b.c", "\xff"), { minLength: 1, maxLength: 9 })
  .map((parts) => parts.join("/"));

test("a sanitized target never climbs above the top, whatever it was", () => {
  fc.assert(
    fc.property(targets, fc.integer({ min: 0, max: 4 }), (target, depth) => {
      const parts = sanitizeTarget(target, depth).split("/");
      let level = depth;
      for (const part of parts) {
        level += part === ".." ? -1 : part === "." ? 0 : 1;
        expect(level).toBeGreaterThanOrEqual(0);
      }
      expect(parts).not.toContain("");
    }),
  );
});

test("munging is undone exactly once, and only where there is something to undo", () => {
  fc.assert(
    fc.property(targets, (target) => {
      expect(unmunge(munge(target))).toBe(target || munge(target));
    }),
  );
  expect(munge("/etc/passwd")).toBe("/rsyncd-munged//etc/passwd");
  expect(unmunge("plain")).toBe("plain");
  expect(unmunge("/rsyncd-munged/")).toBe("/rsyncd-munged/");
});

test.each([
  ["", "a", true],
  ["/etc", "a", true],
  ["file", "a", false],
  ["../file", "a", true],
  ["../file", "d/a", false],
  ["./../file", "d/a", true],
  ["../../file", "d/a", true],
  ["..", "a", true],
  ["..", "d/a", false],
  ["b/..", "a", true],
  ["b/../c", "d/e/a", true],
  ["../b/../../c", "d/e/f/a", true],
  ["../..", "d/e/a", true],
  [".././../b", "d/e/a", true],
  ["b/c/d", "a", false],
  ["..b/c", "a", false],
])("the target %j of the link %s: unsafe is %j", (target, path, expected) => {
  expect(isUnsafeTarget(target, path)).toBe(expected);
});
