import fc from "fast-check";
import { expect, test } from "vitest";
import { RsyncError } from "../errors.js";
import { OptionError } from "./option-error.js";
import { OPTIONS } from "./options.js";
import { parseArguments } from "./parse.js";

const parse = (...words: string[]) => parseArguments(words);
const settings = (...words: string[]) => parse(...words).settings;

test.each([
  [["--block-size", "800"]],
  [["--block-size=800"]],
  [["-B800"]],
  [["-B", "800"]],
  [["-B=800"]],
  [["-rtB800"]],
  [["-rtB", "800"]],
])("%j sets the block size", (words) => {
  expect(settings(...words).blockSize).toBe(800);
});

test("a letter with a value takes the rest of the bundle, even if it looks like options", () => {
  expect(parse("-archive", "x", "y")).toMatchObject({
    settings: { recursive: 2, checksum: true, humanReadable: 2, itemize: 1, verbose: 1, rsh: "x" },
    paths: ["y"],
  });
});

test("options are found after paths, and -- and - are what they are", () => {
  expect(parse("a", "-r", "-", "--", "-v").paths).toEqual(["a", "-", "-v"]);
  expect(settings("a", "-r", "--", "-v")).toMatchObject({ recursive: 2, verbose: 0 });
});

test("under POSIXLY_CORRECT options end at the first path", () => {
  const parsed = parseArguments(["-r", "-T", "x", "a", "-v", "--"], { posixlyCorrect: true });
  expect(parsed.paths).toEqual(["a", "-v", "--"]);
  expect(parsed.settings).toMatchObject({ recursive: 2, verbose: 0, tempDir: "x" });
});

// Texts of rsync 3.5.0, by experiment.
test.each([
  [["--nosuch"], "--nosuch: unknown option"],
  [["--xx=a"], "--xx=a: unknown option"],
  [["--arch"], "--arch: unknown option"],
  [["-aYb"], "-aYb: unknown option"],
  [["---"], "---: unknown option"],
  [["--archive=x"], "--archive=x: option does not take an argument"],
  [["--no-v=1"], "--no-v=1: option does not take an argument"],
  [["-vvvv=3"], "-vvvv=3: option does not take an argument"],
  [["--exclude"], "--exclude: missing argument"],
  [["-rT"], "-rT: missing argument"],
  [["--timeout", "a"], "a: invalid numeric value"],
  [["--timeout=a"], "--timeout=a: invalid numeric value"],
  [["-@", "src"], "src: invalid numeric value"],
  [["--block-size", "x"], "--block-size=x is invalid"],
  [["-Be"], "--block-size=e is invalid"],
  [["-B1m", "--protocol=29"], "--block-size=1m is too large (max: 128.00K)"],
  [["--stderr=x"], '--stderr mode "x" is not one of errors, all, or client'],
  [["--stderr="], '--stderr mode "" is not one of errors, all, or client'],
  [["--remote-option=foo"], "Remote option must start with a dash: foo"],
  [["--usermap=a:b", "--usermap=c:d"], "You can only specify --usermap once."],
  [["--usermap=a:b", "--chown=c"], "--chown conflicts with prior --usermap."],
  [["--chown=c", "--usermap=a:b"], "--usermap conflicts with prior --chown."],
  [["--chown=a:b", "--chown=c:"], "You can only specify a user-affecting --chown once."],
  [["--chown=:b", "--chown=:c"], "You can only specify a group-affecting --chown once."],
  [
    ["--link-dest=a", "--copy-dest=b"],
    "ERROR: the --copy-dest option conflicts with the --link-dest option",
  ],
  [Array<string>(21).fill("--link-dest=a"), "ERROR: at most 20 --link-dest args may be specified"],
  [["--server", "--foo"], "on remote machine: --foo: unknown option"],
])("%j is refused: %s", (words, message) => {
  expect(() => parse(...words)).toThrow(new OptionError(message));
});

test("--chown is a map for its parts; parts of two of them add up", () => {
  expect(settings("--chown=u:g")).toMatchObject({
    usermap: "*:u",
    groupmap: "*:g",
    owner: true,
    group: true,
  });
  expect(settings("--chown=a.b", "--chown=:g")).toMatchObject({
    usermap: "*:a.b",
    groupmap: "*:g",
  });
  expect(settings("--chown=:")).toMatchObject({ usermap: null, groupmap: null, owner: false });
});

test("filters keep their order, kind and the -0 of their moment", () => {
  const { filters } = settings("-F", "--exclude=a", "-0", "--include-from=b", "-FF", "-f", "P c");
  expect(filters).toEqual([
    { kind: "filter", text: ": /.rsync-filter", from0: false },
    { kind: "exclude", text: "a", from0: false },
    { kind: "include-from", text: "b", from0: true },
    { kind: "filter", text: "- .rsync-filter", from0: true },
    { kind: "filter", text: "P c", from0: true },
  ]);
});

test.each([
  [["-a", "--no-r"], { recursive: 0, links: true }],
  [["--no-r", "-a"], { recursive: 1 }],
  [["-r", "-a"], { recursive: 2 }],
  [["-z", "-z", "--no-z"], { compress: 0, compressChoice: null }],
  [["--super", "--fake-super"], { superUser: "fake" }],
  [["--del", "--delete-delay"], { deleteDuring: 2 }],
  [["--ignore-missing-args", "--delete-missing-args"], { missingArgs: 3 }],
  [["--old-args", "--old-args"], { oldArgs: 2 }],
  [["-UU", "--no-U"], { atimes: 0, openNoatime: true }],
  [["--stderr=c"], { stderr: "client" }],
  [["--append", "--append"], { append: 1 }],
  [["--server", "--append", "--append"], { append: 2 }],
  [["--iconv=utf8", "--no-iconv"], { iconv: null }],
  [["--time-limit=3"], { stopAt: { option: "stop-after", text: "3" } }],
  [["--stop-at=1:2"], { stopAt: { option: "stop-at", text: "1:2" } }],
  [["--bwlimit=1.5m"], { bwlimit: 1536 }],
])("%j ends as %j", (words, expected) => {
  expect(settings(...words)).toMatchObject(expected);
});

test("the options given are reported under their main names", () => {
  const { givenOptions } = parse("-aP", "--cc=md5", "--no-protect-args", "--existing");
  expect(givenOptions).toEqual([
    "archive",
    "P",
    "checksum-choice",
    "no-secluded-args",
    "ignore-non-existing",
  ]);
});

test("--server and the daemon's options change the option set, wherever they stand", () => {
  expect(parse("-r", "--server").mode).toBe("server");
  const daemon = parse("--daemon", "-M", "a=b", "--no-detach", "--port=8730");
  expect(daemon).toMatchObject({
    mode: "daemon",
    settings: { daemon: true, dparam: ["a=b"], detach: false, port: 8730 },
  });
  expect(parse("--server", "--daemon", ".")).toMatchObject({
    mode: "daemon",
    settings: { server: true, daemon: true },
  });
});

const HINT = '\n(Type "rsync --daemon --help" for assistance with daemon mode.)';

test.each([
  [["--config=x"], `Daemon option(s) used without --daemon.${HINT}`],
  [["-r", "--daemon"], `-r: unknown option (in daemon mode)${HINT}`],
  [["--daemon", "--dparam=x"], "--dparam value is missing an '=': x"],
])("%j is refused: %s", (words, message) => {
  expect(() => parse(...words)).toThrow(new OptionError(message));
});

test("any words give settings or an RsyncError", () => {
  const names = OPTIONS.flatMap(({ name, short }) => [`--${name}`, `-${short}`]);
  const word = fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 6 }));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (words) => {
      try {
        expect(parseArguments(words).wordCount).toBe(words.length);
      } catch (error) {
        expect(error).toBeInstanceOf(RsyncError);
      }
    }),
  );
});
