import { expect, test } from "vitest";
import { findParameter } from "./parameters.js";
import { parseValue } from "./values.js";

const read = (name: string, text: string) => parseValue(findParameter(name)!, text);

test.each([
  ["list", "N O", false],
  ["list", "FaLsE", false],
  ["list", " t r u e", true],
  ["list", "1", true],
  ["list", "on", undefined],
  ["list", "unset", undefined],
  ["list", "", undefined],
  ["use chroot", "Un Set", null],
  ["use chroot", "-1", null],
  ["use chroot", "no", false],
  ["use chroot", "2", undefined],
  ["max connections", "abc", 0],
  ["max connections", "1x", 1],
  ["max connections", " -12", -12],
  ["max connections", "+7", 7],
  ["max connections", "99999999999999999999", 2 ** 31 - 1],
  ["max connections", "-99999999999", -(2 ** 31)],
  ["syslog facility", " LOCAL0", "local0"],
  ["syslog facility", "24", 24],
  ["syslog facility", "nonsense", undefined],
  ["syslog facility", "-1", undefined],
  ["path", "/srv/a///", "/srv/a"],
  ["path", "/srv/a /", "/srv/a "],
  ["path", "///", "/"],
  ["path", "", ""],
  ["comment", " x/ ", " x/ "],
])("%s = %j is %j", (name, text, value) => expect(read(name, text)).toBe(value));
