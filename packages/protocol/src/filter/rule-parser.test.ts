import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FileIoError, RsyncError, UsageError } from "../errors.js";
import { encodeByteString } from "../wire/index.js";
import { createCvsList } from "./cvs.js";
import { createPatternRule, NO_MARKS, type Rule } from "./rule.js";
import { RuleParser } from "./rule-parser.js";
import type { RuleParserOptions } from "./rule-parser-options.js";
import { formatFilterList } from "./wire.js";

const SERVER_SENDS = {
  protocol: 32,
  clientIsSender: false,
  deletes: true,
  deleteExcluded: false,
  pruneEmptyDirs: false,
};

const files = (contents: Record<string, string>) => (name: string) => {
  const content = contents[name];
  return content === undefined ? null : encodeByteString(content);
};

/** What a list looks like on the wire of a pull, with receiver-only rules counted as rules for both sides. */
const format = (rules: readonly Rule[]): string[] =>
  formatFilterList(
    rules.map((rule) => (rule.side === "receiver" ? { ...rule, side: "both" } : rule)),
    [],
    SERVER_SENDS,
  );

function parse(text: string, options: RuleParserOptions = {}): string[] {
  const parser = new RuleParser(options);
  parser.addRule(text);
  return format(parser.rules);
}

function failure(action: () => unknown): RsyncError {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof RsyncError) return thrown;
  }
  throw new Error("expected an RsyncError");
}

describe("a rule", () => {
  test.each([
    ["- a", "- a"],
    ["exclude a", "- a"],
    ["exclude_a b", "- a b"],
    ["-  a", "-  a"],
    ["-_a", "- a"],
    ["-s_a_b", "-s a_b"],
    ["+ a/", "+ a/"],
    ["include,!p a", "+!p a"],
    ["-,/ a", "-/ a"],
    ["H a", "-s a"],
    ["show,p a", "+sp a"],
    ["P a", "-sr a"],
    ["risk a", "+sr a"],
    ["-rs a", "-sr a"],
    ["-px!/ a", "-/!xp a"],
    [": a/b", ": a/b"],
    ["dir-merge,-n a", ":n- a"],
    [":+w a", ":w+ a"],
    [":C", ":C .cvsignore"],
    [":nwC", ":C .cvsignore"],
    [":Cs x", ":Cs x"],
    ["-C", "-C "],
    ["-C ignored", "-C "],
    ["+!C/", "+/!C "],
    ["- /", "- /"],
    ["- a//", "- a//"],
  ])("%s means %s", (text, meaning) => {
    expect(parse(text)).toEqual([meaning]);
  });

  test.each([
    ["x y", "Unknown filter rule: x y"],
    [" ", "Unknown filter rule:  "],
    ["excl a", "Unknown filter rule: excl a"],
    ["excludes a", "Unknown filter rule: excludes a"],
    ["hide! x", "Unknown filter rule: hide! x"],
    ["dir-merge- x", "Unknown filter rule: dir-merge- x"],
    ["-", "unexpected end of filter rule: -"],
    ["- ", "unexpected end of filter rule: - "],
    ["-x", "unexpected end of filter rule: -x"],
    ["-_", "unexpected end of filter rule: -_"],
    ["exclude,", "unexpected end of filter rule: exclude,"],
    [":e", "unexpected end of filter rule: :e"],
    ["-q a", "invalid modifier 'q' at position 1 in filter rule: -q a"],
    ["-,sq a", "invalid modifier 'q' at position 3 in filter rule: -,sq a"],
    ["exclude,q a", "invalid modifier 'q' at position 8 in filter rule: exclude,q a"],
    ["exclude\ta", "invalid modifier '\t' at position 7 in filter rule: exclude\ta"],
    ["-s,a x", "invalid modifier ',' at position 2 in filter rule: -s,a x"],
    ["Hs a", "invalid modifier 's' at position 1 in filter rule: Hs a"],
    ["P,s a", "invalid modifier 's' at position 2 in filter rule: P,s a"],
    ["HC", "invalid modifier 'C' at position 1 in filter rule: HC"],
    ["-n a", "invalid modifier 'n' at position 1 in filter rule: -n a"],
    ["-- a", "invalid modifier '-' at position 1 in filter rule: -- a"],
    [":! a", "invalid modifier '!' at position 1 in filter rule: :! a"],
    [":-+ a", "invalid modifier '+' at position 2 in filter rule: :-+ a"],
    [".-C m", "invalid modifier 'C' at position 2 in filter rule: .-C m"],
    [".C- m", "invalid modifier '-' at position 2 in filter rule: .C- m"],
    [":CC", "invalid modifier 'C' at position 2 in filter rule: :CC"],
    ["!x", "'!' rule has trailing characters: !x"],
    ["! ", "'!' rule has trailing characters: ! "],
    ["clear x", "'!' rule has trailing characters: clear x"],
  ])("%j is an error with rsync's text", (text, message) => {
    const error = failure(() => parse(text));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toBe(message);
  });

  test.each(["!", "clear", "!,", "clear,"])("%s empties the list", (clear) => {
    const parser = new RuleParser();
    parser.addRule("- a");
    parser.addRule(clear);
    parser.addRule("- b");
    expect(format(parser.rules)).toEqual(["- b"]);
    expect(parser.cleared).toBe(true);
  });

  test("an empty text is no rule", () => expect(parse("")).toEqual([]));

  test("a pattern of 4096 bytes is left out with a warning", () => {
    const warnings: string[] = [];
    const options = { warn: (message: string) => warnings.push(message) };
    expect(parse(`- ${"a".repeat(4095)}`, options)).toHaveLength(1);
    expect(parse(`- ${"a".repeat(4096)}`, options)).toEqual([]);
    expect(warnings).toEqual([`discarding over-long filter: ${"a".repeat(4096)}`]);
  });

  test("any text is a rule or an RsyncError", () => {
    const char = fc.constantFrom(..."-+.:!HSPRC,_ /\txspenwra\0".split(""));
    const text = fc.array(char, { maxLength: 12 }).map((list) => list.join(""));
    fc.assert(
      fc.property(text, (rule) => {
        try {
          expect(parse(rule).length).toBeLessThanOrEqual(2);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(RsyncError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe("a bare pattern", () => {
  test.each([
    ["a", "- a"],
    ["- a", "- a"],
    ["+ a", "+ a"],
    ["-a", "- -a"],
    ["-", "- -"],
    ["!a", "- !a"],
    ["! ", "- ! "],
    [" ", "-  "],
  ])("--exclude=%s means %s", (text, meaning) => {
    const parser = new RuleParser();
    parser.addPattern("exclude", text);
    expect(format(parser.rules)).toEqual([meaning]);
  });

  test("a prefix without a pattern is an error", () => {
    const error = failure(() => new RuleParser().addPattern("include", "+ "));
    expect(error.message).toBe("unexpected end of filter rule: + ");
  });

  test("its files have comments, prefixes and all kinds of line ends", () => {
    const readFile = files({ m: "# c\n; d\r\n\ra\r- b\n+ c \n!x\n#", n: "a\0#\n\0b" });
    const parser = new RuleParser({ readFile });
    parser.addPatternFile("include", "m");
    expect(format(parser.rules)).toEqual(["+ a", "- b", "+ c ", "+ !x"]);
    const nul = new RuleParser({ readFile, nulEnds: true });
    nul.addPatternFile("exclude", "n");
    expect(format(nul.rules)).toEqual(["- a", "- b"]);
  });
});

describe("a merge file", () => {
  test("is read in place, and its marks are defaults for its rules", () => {
    const readFile = files({ m: "- a\n+/ b\n: c\n" });
    expect(parse(".ep x/m", { readFile: files({ "x/m": "- a" }) })).toEqual(["- m", "-p a"]);
    expect(parse("./s m", { readFile })).toEqual(["-/s a", "+/s b", ":/s c"]);
  });

  test("may hold bare patterns or words", () => {
    const readFile = files({ m: "a\n- b\n!\n", w: " #a\tb\n\v! c" });
    expect(parse(".- m", { readFile })).toEqual(["- a", "- - b", "- !"]);
    expect(parse(".+ m", { readFile })).toEqual(["+ a", "+ - b", "+ !"]);
    expect(parse(".w- w", { readFile })).toEqual(["- #a", "- b", "- !", "- c"]);
    expect(parse(".C w", { readFile })).toEqual(["- c"]);
  });

  test.each([
    [". bad", UsageError, "Unknown filter rule: <rule from bad line 2>"],
    [".w bad", UsageError, "Unknown filter rule: <rule from bad>"],
    [". modifier", UsageError, "invalid modifier in filter rule: <rule from modifier line 1>"],
    [". outer", UsageError, "Unknown filter rule: <rule from a file named at outer line 1>"],
    [
      ".s side",
      UsageError,
      "specified-side merge file contains specified-side filter: <rule from side line 2>",
    ],
    [". gone", FileIoError, "failed to open exclude file gone: No such file or directory (2)"],
    [".+ gone", FileIoError, "failed to open include file gone: No such file or directory (2)"],
    [". names-gone", FileIoError, "failed to open exclude file <rule from names-gone line 1>"],
  ])("%s fails without showing what the file holds", (rule, kind, message) => {
    const readFile = files({
      bad: "+_ok\nsecret\n",
      modifier: "-q secret",
      outer: ". bad",
      side: "- a\nP secret\n",
      "names-gone": ". gone\n",
    });
    const error = failure(() => parse(rule, { readFile }));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toBe(message);
  });

  test("may not lead to itself for ever", () => {
    const deep = failure(() => parse(". m", { readFile: files({ m: ". m\n" }) }));
    expect(deep.message).toMatch(/^merge-file include depth limit \(32\) exceeded at <rule from a/);
    let reads = 0;
    const twice = (name: string) => {
      reads++;
      return files({ a: ". b\n. b\n", b: "- x\n" })(name);
    };
    parse(". a", { readFile: twice });
    expect(reads).toBe(3);
    const readFile = (name: string) => {
      reads++;
      const level = Number(name);
      return encodeByteString(level < 30 ? `. ${level + 1}\n. ${level + 1}\n` : "");
    };
    expect(() => parse(". 0", { readFile })).toThrow(FileIoError);
    expect(reads).toBeLessThan(5000);
  });
});

test("words as in rsyncd.conf are rules one after another", () => {
  const parser = new RuleParser({ coverContent: true });
  parser.addRule("- *.o  +_a exclude,! b -C hide dir/ - /", true);
  parser.addPattern("exclude", "x/ + y - z w", true);
  expect(format(parser.rules)).toEqual([
    "- *.o",
    "+ a",
    "-! b",
    "-C ",
    "-s dir/***",
    "- /",
    "- x/***",
    "+ y",
    "- z",
    "- w",
  ]);
  const spaced = failure(() => new RuleParser().addRule("-  a - b", true));
  expect(spaced.message).toBe("unexpected end of filter rule: -  a - b");
});

test("of per-directory files with the same base name the first counts", () => {
  const parser = new RuleParser();
  for (const rule of [":n a/.r", "- x", ": .r", ": b/.r", ": .q"]) parser.addRule(rule);
  expect(format(parser.rules)).toEqual([":n a/.r", "- x", ": .q"]);
});

test("with --delete-excluded rules that name no side are for the sender", () => {
  const options = { deleteExcluded: true };
  expect(parse("- a", options)).toEqual(["-s a"]);
  expect(parse("-sr a", options)).toEqual(["-sr a"]);
  expect(parse("-C", options)).toEqual(["-Cs "]);
  expect(parse(": a", options)).toEqual([": a"]);
});

test("the CVS list is its defaults, the user's file and the environment, and ! drops what came before", () => {
  const ignore = (home: string, environment: string | null) =>
    createCvsList({ home: encodeByteString(home), environment, perishable: true }, false, NO_MARKS);
  const source = { isShown: true, list: "global CVS" };
  const { rules } = ignore("h1 +x\n", "e1 -_q");
  expect(rules).toHaveLength(36 + 4);
  const perishable = { ...NO_MARKS, perishable: true };
  expect(rules[0]).toEqual(createPatternRule(false, "RCS", perishable, { source }));
  expect(rules[32]).toMatchObject({ pattern: ".svn", directoryOnly: true, perishable: true });
  expect(rules.slice(36)).toEqual(
    ["h1", "+x", "e1", "-_q"].map((p) => createPatternRule(false, p, NO_MARKS, { source })),
  );
  expect(ignore("h1 ! z", null).rules).toEqual([
    createPatternRule(false, "z", NO_MARKS, { source }),
  ]);
});

test("there is a limit for the number of rules", () => {
  const parser = new RuleParser({ maxRules: 2 });
  parser.addRule("- a");
  parser.addRule("- b");
  expect(() => parser.addRule("- c")).toThrow("more than 2 filter rules");
});
