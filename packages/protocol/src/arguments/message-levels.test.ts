import { expect, test } from "vitest";
import { UsageError } from "../errors.js";
import {
  debugLevels,
  type InfoFlag,
  infoLevels,
  limitDebugLevels,
  limitInfoLevels,
} from "./message-levels.js";

interface Told {
  verbose?: number;
  progress?: boolean;
}

/** The info flags that are not silent. */
function told(
  { verbose = 0, progress = false }: Told,
  ...words: string[]
): Partial<Record<InfoFlag, number>> {
  const { levels } = infoLevels(verbose, progress, words);
  return Object.fromEntries(Object.entries(levels).filter(([, level]) => level > 0));
}

const VERBOSE_1 = { COPY: 1, DEL: 1, FLIST: 1, MISC: 1, NAME: 1, NONREG: 1, STATS: 1, SYMSAFE: 1 };

test("-v adds flags step by step", () => {
  expect(told({})).toEqual({ NONREG: 1 });
  expect(told({ verbose: 1 })).toEqual(VERBOSE_1);
  const two = { ...VERBOSE_1, BACKUP: 1, MISC: 2, MOUNT: 1, NAME: 2, REMOVE: 1, SKIP: 1 };
  expect(told({ verbose: 2 })).toEqual(two);
  expect(told({ verbose: 7 })).toEqual(two);
});

test("words are case-insensitive, may be empty, and the later one wins", () => {
  expect(told({}, "NaMe9,,del,", "del0,nonreg0")).toEqual({ NAME: 4 });
  expect(told({}, "")).toEqual({ NONREG: 1 });
  expect(told({}, "name22")).toEqual({ NAME: 4, NONREG: 1 });
});

test("ALL and NONE are all flags, and what the user sets beats -v", () => {
  expect(told({ verbose: 1 }, "none")).toEqual({});
  expect(told({ verbose: 1 }, "none3,name")).toEqual({ NAME: 1 });
  expect(Object.values(told({}, "all2"))).toEqual(new Array(13).fill(2));
  expect(told({ verbose: 2 }, "name0")).not.toHaveProperty("NAME");
});

test.each([
  ["foo", "foo"],
  ["name2x", "name2x"],
  ["name ", "name "],
  ["name-1", "name-"],
  ["nam", "nam"],
  ["2", "2"],
])("%j is no flag", (word, named) => {
  expect(() => told({}, word)).toThrow(new UsageError(`Unknown --info item: "${named}"`));
});

test("help is met before the mistake behind it", () => {
  expect(infoLevels(0, false, ["name,help,foo"]).help).toBe(true);
  expect(infoLevels(0, false, ["HELP2", "foo"]).help).toBe(true);
  expect(infoLevels(0, false, ["name"]).help).toBe(false);
});

test("--progress raises levels, but not over the user's", () => {
  expect(told({ progress: true })).toEqual({ FLIST: 2, NAME: 1, NONREG: 1, PROGRESS: 1 });
  expect(told({ progress: true, verbose: 2 })).toMatchObject({ FLIST: 2, NAME: 2, PROGRESS: 1 });
  expect(told({ progress: true }, "name0,progress2,flist0")).toEqual({ NONREG: 1, PROGRESS: 2 });
});

test("debug levels add up, and the user's beat them", () => {
  const { levels } = debugLevels(4, ["del0,io3"]);
  expect(levels).toMatchObject({ CONNECT: 2, DELTASUM: 3, DEL: 0, IO: 3 });
  expect(() => debugLevels(0, ["name"])).toThrow('Unknown --debug item: "name"');
});

test("a limit takes levels back to those of so many -v, and leaves the others", () => {
  const info = limitInfoLevels(infoLevels(2, false, ["progress2", "del2"]), 1);
  expect(info.levels).toMatchObject({ NAME: 1, SKIP: 0, DEL: 1, MISC: 1, PROGRESS: 2, NONREG: 1 });
  expect(limitInfoLevels(infoLevels(1, false, []), 0).levels).toMatchObject({ NAME: 0, NONREG: 1 });
  const debug = debugLevels(3, ["nstr2"]);
  expect(limitDebugLevels(debug, 2).levels).toMatchObject({ FILTER: 1, FUZZY: 0, NSTR: 2 });
  expect(limitDebugLevels(debug, 9)).toEqual(debug);
});
