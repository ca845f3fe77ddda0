import { expect, test } from "vitest";
import { loadLinuxCalls } from "./calls.js";
import { AT_FDCWD } from "./constants.js";
import { PathArgument } from "./path-argument.js";

const stored = (path: string): string =>
  Buffer.from(new PathArgument().store(path)).toString("latin1").split("\0")[0]!;

test("a path is stored byte for byte, and a shorter one after it leaves nothing of it", () => {
  expect(stored("gr\xfc\xdfe\n\xff")).toBe("gr\xfc\xdfe\n\xff");
  const argument = new PathArgument();
  argument.store("long name");
  expect(Buffer.from(argument.store("ab").subarray(0, 3)).toString("latin1")).toBe("ab\0");
  expect(argument.store("")[0]).toBe(0);
});

test.each(["a\0b", "\u012e\u012e/etc", "\u{1f600}"])("%j is no path", (path) => {
  expect(() => new PathArgument().store(path)).toThrow(RangeError);
});

const calls = loadLinuxCalls();
test.runIf(calls !== null)(
  "the kernel sees that a path is too long, and no overflow happens",
  () => {
    const path = "a/".repeat(5000);
    expect(stored(path)).toHaveLength(4096);
    expect(calls?.statAt(AT_FDCWD, path)).toBe(-36);
  },
);
