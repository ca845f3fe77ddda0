import { ItemFlag } from "@tsrsync/protocol/item";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { deletionEvent } from "./names.js";
import { compileOutFormat, ITEMIZE_FORMAT, NAME_FORMAT } from "./out-format.js";
import { itemEvent, LOCAL_COPY, MODES } from "./testing-items.js";

const { ReportChange: Change, LocalChange, IsNew: New } = ItemFlag;

beforeAll(() => {
  vi.stubEnv("TZ", "UTC");
});
afterAll(() => {
  vi.unstubAllEnvs();
});

const file = itemEvent({ checksum: "0".repeat(32) });
const link = itemEvent({
  name: "l",
  path: "s/l",
  mode: MODES.L,
  size: 1,
  linkTarget: "f",
  itemFlags: New | LocalChange | Change,
});
const directory = itemEvent({
  name: "sub",
  path: "s/sub",
  mode: MODES.d,
  size: 4096,
  itemFlags: New | LocalChange,
});
const big = itemEvent({ name: "big", size: 3_000_000 });
const blank = " ".repeat(32);

const render = (format: string, event = file, settings = LOCAL_COPY) =>
  compileOutFormat(format, settings).format(event);

// Lines of rsync 3.5.0 -a --out-format=... on a local copy of s/f, s/l, s/sub.
const EVERYTHING = "[%i|%n|%L|%l|%b|%c|%B|%C|%f|%G|%U|%M|%o|%p|%t|%u|%a|%h|%m|%P|%%|%X|%]";
const WIDTHS = "[%12n|%-12n|%5L|%-8L|%06U|%-6U|%6G|%06G|%10l|%-10l|%010l|%3i|%-15i|%15i|%12B]";
test.each([
  [
    EVERYTHING,
    file,
    "[>f+++++++++|f||3|0|0|rw-r--r--|00000000000000000000000000000000|s/f|0|0|2020/09/13-12:26:40|send|4938|2020/09/13 12:26:40|%u|%a|%h||%P|%|%X|%]",
  ],
  [
    EVERYTHING,
    link,
    `[cL+++++++++|l| -> f|1|0|0|rwxrwxrwx|${blank}|s/l|0|0|2020/09/13-12:26:40|send|4938|2020/09/13 12:26:40|%u|%a|%h||%P|%|%X|%]`,
  ],
  [
    EVERYTHING,
    directory,
    `[cd+++++++++|sub/||4096|0|0|rwxr-xr-x|${blank}|s/sub|0|0|2020/09/13-12:26:40|send|4938|2020/09/13 12:26:40|%u|%a|%h||%P|%|%X|%]`,
  ],
  [
    WIDTHS,
    file,
    "[           f|f           |         |            |000000|0     |     0|000000|         3|3         |         3|>f+++++++++|>f+++++++++    |    >f+++++++++|   rw-r--r--]",
  ],
  [
    WIDTHS,
    link,
    "[           l|l           | ->     f| -> f       |000000|0     |     0|000000|         1|1         |         1|cL+++++++++|cL+++++++++    |    cL+++++++++|   rwxrwxrwx]",
  ],
  [
    "[%'l|%''l|%'''l|%'10l|%-10'l|%10'l|%'-10l|%''-12'l|%'n]",
    big,
    "[3,000,000|3.00M|2.86M| 3,000,000|3,000,000 | 3,000,000|3,000,000 |2.86M       |big]",
  ],
  [
    "[%5|%5%|%-|%'|%5X|%-5Xy|%--5n|%-05U|%008p",
    big,
    "[%5|    %|%-|%'|%5X|%-5Xy|%--5n|0    |00004938",
  ],
  ["[%'b|%''''l|%'-'l|%1'5l|%n%|%n%", big, "[0|2.86M|3.00M|%1'5l|big%|big%"],
  [
    "%i %n%L %8o|%-8o|%-26t|%30t|%25M|",
    big,
    ">f+++++++++ big     send|send    |2020/09/13 12:26:40       |           2020/09/13 12:26:40|      2020/09/13-12:26:40|",
  ],
])("%s", (format, event, line) => {
  expect(render(format, event)).toBe(line);
});

test("ids that are not in the list are DEFAULT, never filled with zeros", () => {
  const event = itemEvent({ gid: null });
  expect(render("[%12G|%-12G|%012G|%02G|%012n]", event)).toBe(
    "[     DEFAULT|DEFAULT     |     DEFAULT|DEFAULT|           f]",
  );
});

test("a deletion has no size, no ids, no permissions and the time zero", () => {
  const deletion = deletionEvent({ path: "old", isDirectory: true, permissions: 0 }, false);
  expect(render("[%i|%n|%L|%l|%b|%c|%B|%C|%f|%G|%U|%M|%o]", deletion)).toBe(
    `[*deleting  |old/||0|0|0|---------|${blank}|old|DEFAULT|0|1970/01/01-00:00:00|del.]`,
  );
  expect(render("[%-20i|%15i|%n", deletion)).toBe("[*deleting           |    *deleting  |old/");
});

test("a receiver has no source directory, and says so by recv", () => {
  const received = itemEvent({ path: "f", outgoing: false, transferBytes: 43 });
  expect(render("%f|%o|%b|%c", received)).toBe("f|recv|43|0");
});

test("a daemon knows its peer, its module and its user", () => {
  const daemon = {
    peerHost: "host.example",
    peerAddress: "192.0.2.1",
    moduleName: "mod",
    modulePath: "/srv/mod",
    user: "me",
  };
  expect(render("%o %h [%a] %m (%u) %P %f", file, { ...LOCAL_COPY, daemon })).toBe(
    "send host.example [192.0.2.1] mod (me) /srv/mod s/f",
  );
});

test("values are inserted as they are, not as formats or patterns", () => {
  const daemon = { peerHost: "", peerAddress: "", moduleName: "", modulePath: "", user: "%f" };
  expect(render("%f %u", itemEvent({ path: "$& %u $1" }), { ...LOCAL_COPY, daemon })).toBe(
    "$& %u $1 %f",
  );
});

test("the blanks of a checksum are as many as the run's checksums have digits", () => {
  expect(render("[%C]", itemEvent({ checksumDigits: 16 }))).toBe(`[${" ".repeat(16)}]`);
});

test("any format gives a line", () => {
  const piece = fc.constantFrom("%", "'", "-", "0", "9", "l", "L", "i", "x", "\n", "\xff");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      expect(typeof render(pieces.join(""))).toBe("string");
    }),
  );
});

test("more than 23 digits are no width: what follows is looked at again", () => {
  const digits = "0".repeat(24);
  expect(render(`%${digits}%l`)).toBe(`%${digits}3`);
});

test("an endless field is cut to what rsync's line holds", () => {
  expect(render("%99999999999n").length).toBe(4095);
});

test("the format says what it has, and unknown letters do not count", () => {
  const has = (format: string) => {
    const { hasItemize, hasOperation, isLate } = compileOutFormat(format, LOCAL_COPY);
    return [hasItemize, hasOperation, isLate];
  };
  expect(has(ITEMIZE_FORMAT)).toEqual([true, false, false]);
  expect(has(NAME_FORMAT)).toEqual([false, false, false]);
  expect(has("%-20i%5o")).toEqual([true, true, false]);
  expect(has("%%i %%o %%b")).toEqual([false, false, false]);
  expect(["%b", "%c", "%C"].map((format) => has(format)[2])).toEqual([true, true, true]);
  expect(has("")).toEqual([false, false, false]);
});

test("names with the letters of replacement patterns come out as they are", () => {
  expect(render(ITEMIZE_FORMAT, itemEvent({ name: "$&\xff%n" }))).toBe(">f+++++++++ $&\xff%n");
});
