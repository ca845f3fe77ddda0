import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError } from "./config-error.js";
import { lexConfig } from "./lexer.js";

const lex = (text: string) => [...lexConfig(text)];
const section = (name: string) => ({ kind: "section", name });
const parameter = (name: string, value: string) => ({ kind: "parameter", name, value });
const directive = (name: string, value: string) => ({ kind: "directive", name, value });
const ignored = (text: string) => ({ kind: "ignored", text });

describe("sections", () => {
  test.each([
    ["[a.b.c]", "a.b.c"],
    ["[ a   b\tc ]", "a b c"],
    ["[a] junk ; more", "a"],
    ["[a]b]", "a"],
    ["[a \\\n  b]", "a b"],
    ["[a\\\nb]", "ab"],
    ["\\ \\ [a]", "a"],
  ])("%j opens %j", (text, name) => expect(lex(text)).toEqual([section(name)]));

  test("the rest of a header is not continued", () => {
    expect(lex("[a] junk \\\nx=1\n")).toEqual([section("a"), parameter("x", "1")]);
  });

  test("what follows a NUL behind a header is a line of its own", () => {
    expect(lex("[a]\0x=1\n")).toEqual([section("a"), parameter("x", "1")]);
  });

  test.each([
    ["[]", "Empty section name in config file."],
    ["[ \t ]", "Empty section name in config file."],
    ["[abc\n]", "Badly formed line in config file: abc"],
    ["[abc", "Unexpected EOF in the config file: abc"],
    ["[a\0b]", "Unexpected EOF in the config file: a"],
  ])("%j is fatal", (text, message) => {
    expect(() => lex(text)).toThrow(new ConfigError(message));
  });
});

describe("parameters", () => {
  test.each([
    ["a;b#c \"q\" 's' = e", "a;b#c \"q\" 's' = e"],
    ["=x=y", "=x=y"],
    ["  hello world   ", "hello world"],
    [" one \\\n   two\\  \n three", "one    two three"],
    ["x\\\n# not a comment", "x# not a comment"],
    ["he\rllo\r", "hello"],
    ["\x0b x\x0c", "x"],
    ["", ""],
    ["end", "end"],
    ["x\\", "x\\"],
    ["x\\  ", "x\\"],
    ["x\\\n", "x"],
    ["\\\n   x", "   x"],
    ["\xa0\xe9\xa0", "\xa0\xe9\xa0"],
  ])("the value of %j is %j", (text, value) => {
    expect(lex(`comment =${text}`)).toEqual([parameter("comment", value)]);
  });

  test("a name loses outer white space, and inner runs of it become one space", () => {
    expect(lex(" hosts \t\r allow\v= x")).toEqual([parameter("hosts allow", "x")]);
    expect(lex("comm\\\nent = zz")).toEqual([parameter("comment", "zz")]);
  });

  test("of two backslashes the first stays, and goes on over a blank line", () => {
    expect(lex("c=a\\b\\\\\nlist=yes")).toEqual([parameter("c", "a\\b\\list=yes")]);
    expect(lex("c=a\\\\\n   \nlist=yes")).toEqual([parameter("c", "alist=yes")]);
    expect(lex("c=a\\\n\nlist=no")).toEqual([parameter("c", "a"), parameter("list", "no")]);
  });

  test("a NUL ends the value, and the rest of the line is a line of its own", () => {
    expect(lex("c=x\0list=no\n")).toEqual([parameter("c", "x"), parameter("list", "no")]);
  });

  test("no line is lost behind a NUL", () => {
    expect(lex("\0a=1\n#\0b=2\nc=3\n\0")).toEqual([parameter("a", "1"), parameter("c", "3")]);
  });

  test("a line that begins with an equals sign is fatal", () => {
    expect(() => lex("a=1\n  = x")).toThrow(
      new ConfigError("Invalid parameter name in config file."),
    );
  });

  test("lines without an equals sign are named and skipped", () => {
    expect(lex("comment x\nlist yes \\\n more\nb=1\nc\0d=2\ntail \\")).toEqual([
      ignored("Ignoring badly formed line in config file: comment x"),
      ignored("Ignoring badly formed line in config file: list yes more"),
      parameter("b", "1"),
      ignored("Unexpected end-of-file at: c"),
      parameter("d", "2"),
      ignored("Unexpected end-of-file at: tail \\"),
    ]);
  });
});

test("comments are not continued, and blank lines and a byte-order mark are nothing", () => {
  expect(lex("\xef\xbb\xbf# note \\\n\n \r\n;x\\\n  a=1")).toEqual([parameter("a", "1")]);
});

describe("directives", () => {
  test.each([
    ["&include /x", "include", "/x"],
    ["&InClude\t=  /x  ", "InClude", "/x"],
    ["&include=/x", "include", "/x"],
    ["&incl\\\nude /\\\nx", "include", "/x"],
    ["&include  ", "include", ""],
    ["& include x", "", "include x"],
  ])("%j", (text, name, value) => expect(lex(text)).toEqual([directive(name, value)]));

  test("one without a value is a badly formed line", () => {
    expect(lex("&include\na=1")).toEqual([
      ignored("Ignoring badly formed line in config file: &include"),
      parameter("a", "1"),
    ]);
  });
});

test("any text gives statements or a ConfigError, and values never hold a CR, LF or NUL", () => {
  const piece = fc.constantFrom(
    "\\",
    "\n",
    "\0",
    "\r",
    " ",
    "[",
    "]",
    "=",
    "&",
    "#",
    "a",
    "%",
    "\xff",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      try {
        for (const statement of lexConfig(pieces.join(""))) {
          if ("value" in statement) expect(statement.value).not.toMatch(/[\r\n\0]/);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
      }
    }),
    { numRuns: 2000 },
  );
});

test("huge lines take linear time, however they are continued", () => {
  const count = 300_000;
  const text = [
    `a=${"x\\\n".repeat(count)}`,
    `b=${"\\".repeat(count)}${"\n".repeat(count)}`,
    `c=${" ".repeat(count)}x${" ".repeat(count)}y`,
    `${"d ".repeat(count)}=`,
  ].join("\n");
  const start = performance.now();
  expect(lex(text).map((statement) => statement.kind)).toEqual(Array(4).fill("parameter"));
  expect(performance.now() - start).toBeLessThan(5000);
});
