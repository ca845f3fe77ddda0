import { UsageError } from "@tsrsync/protocol";
import { expect, test } from "vitest";
import { DEBUG_FLAGS, debugLevels } from "./debug-flags.js";
import { flagHelp, parseFlagWords } from "./flag-levels.js";
import { INFO_FLAGS, type InfoFlag, type InfoOptions, infoLevels } from "./info-flags.js";

const parse = (...lists: string[]) => parseFlagWords(INFO_FLAGS, lists);

function told(
  options: Partial<InfoOptions>,
  ...lists: string[]
): Partial<Record<InfoFlag, number>> {
  const userLevels = parse(...lists).levels;
  const levels = infoLevels({ verbose: 0, progress: false, stats: false, ...options, userLevels });
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
  expect(() => parse(word)).toThrow(new UsageError(`Unknown --info item: "${named}"`));
});

test("help is met before the mistake behind it", () => {
  expect(parse("name,help,foo").help).toBe(true);
  expect(parse("HELP2").help).toBe(true);
  expect(parse("name").help).toBe(false);
});

test("--progress and --stats raise levels, but not over the user's", () => {
  expect(told({ progress: true })).toEqual({ FLIST: 2, NAME: 1, NONREG: 1, PROGRESS: 1 });
  expect(told({ progress: true, verbose: 2 })).toMatchObject({ FLIST: 2, NAME: 2, PROGRESS: 1 });
  expect(told({ progress: true }, "name0,progress2,flist0")).toEqual({ NONREG: 1, PROGRESS: 2 });
  expect(told({ stats: true, verbose: 1 }).STATS).toBe(2);
  expect(told({ stats: true, verbose: 2 }).STATS).toBe(3);
  expect(told({ stats: true, verbose: 1 }, "stats0").STATS).toBeUndefined();
});

// The last lines of rsync 3.5.0 --debug=help.
test("debug levels follow -v from the second on", () => {
  const lines = flagHelp(DEBUG_FLAGS).split("\n").slice(-4);
  const sorted = (line: string) => line.split(/[ ,]/).sort();
  expect(lines.map(sorted)).toEqual(
    [
      "2) BIND,CONNECT,CMD,DEL,DELTASUM,DUP,FILTER,FLIST,ICONV",
      "3) ACL,BACKUP,CONNECT2,DEL2,DELTASUM2,EXIT,FILTER2,FLIST2,FUZZY,GENR,OWN,RECV,SEND,TIME",
      "4) CMD2,DEL3,DELTASUM3,EXIT2,FLIST3,ICONV2,OWN2,PROTO,TIME2",
      "5) CHDIR,DELTASUM4,FLIST4,FUZZY2,HASH,HLINK",
    ].map(sorted),
  );
});

test("debug levels add up, and the user's beat them", () => {
  expect(debugLevels(4, parseFlagWords(DEBUG_FLAGS, ["del0,io3"]).levels)).toMatchObject({
    CONNECT: 2,
    DELTASUM: 3,
    DEL: 0,
    IO: 3,
  });
  expect(() => parseFlagWords(DEBUG_FLAGS, ["name"])).toThrow('Unknown --debug item: "name"');
});

test("the table of flags names each once and ends with what -v adds", () => {
  const lines = flagHelp(INFO_FLAGS).split("\n");
  for (const name of Object.keys(INFO_FLAGS.summaries)) {
    expect(lines.filter((line) => line.startsWith(`${name.padEnd(10)} `))).toHaveLength(1);
  }
  expect(lines.slice(-3)).toEqual([
    "0) NONREG",
    "1) COPY,DEL,FLIST,MISC,NAME,STATS,SYMSAFE",
    "2) BACKUP,MISC2,MOUNT,NAME2,REMOVE,SKIP",
  ]);
});
