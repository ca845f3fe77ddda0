import fc from "fast-check";
import { expect, test } from "vitest";
import { toDeviceNumber } from "./stat.js";

test.each([
  [8, 1, 0x801n],
  [259, 70_000, 0x11110370n],
  [0xffffffff, 0xffffffff, 0xffffffffffffffffn],
  [0x1000, 0x100, 0x100000100000n],
])("device %i:%i is %i", (major, minor, expected) => {
  expect(toDeviceNumber(major, minor)).toBe(expected);
});

test("no two devices have one number", () => {
  const part = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(part, part, (major, minor) => {
      const device = toDeviceNumber(major, minor);
      const backMajor = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
      const backMinor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
      expect([Number(backMajor), Number(backMinor)]).toEqual([major, minor]);
    }),
  );
});
