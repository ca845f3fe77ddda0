import { expect, test } from "vitest";
import { OptionError } from "./option-error.js";
import { parseArguments } from "./parse.js";
import { type Environment, resolveSettings } from "./resolve.js";
import { allowsIncrementalRecursion, deletionTiming, partialDirRule } from "./resolve-receiver.js";

const resolve = (words: string[], environment?: Environment) =>
  resolveSettings(parseArguments(words), environment);

test.each([
  [["a", "b"], { listOnly: 0, dirs: 0, relative: false, suffix: "~", compressMethod: "none" }],
  [["a"], { listOnly: 1, dirs: 1 }],
  [["--no-d", "a"], { listOnly: 1, dirs: 0 }],
  [["--list-only", "a", "b"], { listOnly: 2, dirs: 1 }],
  [["-rd", "a", "b"], { recursive: 2, dirs: 1 }],
  [["--old-dirs", "a", "b"], { recursive: 1, dirs: 1, filters: [{ text: "- /*/*" }] }],
  [
    ["--files-from=l", "-a", "a", "b"],
    { recursive: 0, dirs: 1, relative: true, impliedDirs: true },
  ],
  [
    ["--files-from=l", "-r", "--no-R", "a", "b"],
    { recursive: 2, relative: false, impliedDirs: false },
  ],
  [["-r", "--delete-excluded", "a", "b"], { deleteMode: true }],
  [["-b", "a", "b"], { omitDirTimes: "implied", suffix: "~", filters: [] }],
  [["-rb", "--delete", "--suffix=.s", "a", "b"], { filters: [{ text: "P *.s" }] }],
  [
    ["-rb", "--delete", "--backup-dir=./x", "a", "b"],
    { filters: [], backupDir: "x", omitDirTimes: false },
  ],
  [["--backup-dir=.//", "--suffix=.s", "a", "b"], { backup: true, backupDir: null }],
  [["--partial-dir=a/../b//c/./", "a", "b"], { partial: true, partialDir: "b/c" }],
  [["--partial-dir=../../x", "a", "b"], { partialDir: "../../x" }],
  [["--partial-dir=.", "a", "b"], { partial: true, partialDir: null }],
  [["--delay-updates", "a", "b"], { partial: true, partialDir: ".~tmp~" }],
  [["--partial", "--inplace", "a", "b"], { partial: false, inplace: true }],
  [["--append", "a", "b"], { inplace: true }],
  [["--write-devices", "a", "b"], { inplace: true }],
  [["-zz", "a", "b"], { compressMethod: "zlibx", compressChoice: "zlibx" }],
  [["-z", "--zc=auto", "a", "b"], { compressMethod: "zlib", compressChoice: null }],
  [["--zc=ZSTD", "a", "b"], { compressMethod: "zstd" }],
  [["--zl=3", "a", "b"], { compressMethod: "auto" }],
  [["--cc=none,md5", "a", "b"], { wholeFile: true }],
  [["--cc=auto,auto", "a", "b"], { checksumChoice: null }],
  [["--max-delete=-5", "a", "b"], { maxDelete: 0 }],
  [["--ignore-missing-args", "--delete-missing-args", "a", "b"], { missingArgs: 2 }],
  [["-yy", "--link-dest=x", "--link-dest=y", "a", "b"], { fuzzy: 3 }],
  [["--iconv=-", "a", "b"], { iconv: null }],
  [["-n", "--write-batch=f", "a", "b"], { batchMode: null, batchFile: null }],
  [["-h"], { help: true }],
  [["-h", "a"], { help: false }],
  [["-i", "a", "b"], { outFormat: "%i %n%L", formatHasI: 1, formatHasO: true }],
  [["-ii", "--out-format=%i", "a", "b"], { formatHasI: 3 }],
  [["-v", "a", "b"], { outFormat: "%n%L", formatHasI: 0, formatHasO: false }],
  [["-v", "--info=name0", "a", "b"], { outFormat: null }],
  [["--out-format=%%i %-5'o", "a", "b"], { formatHasI: 0, formatHasO: true }],
])("%j resolves to %j", (words, expected) => {
  expect(resolve(words)).toMatchObject(expected);
});

test.each([
  [[], { RSYNC_OLD_ARGS: "2" }, { oldArgs: 2, secludedArgs: false }],
  [["-s"], { RSYNC_OLD_ARGS: "1" }, { oldArgs: 0, secludedArgs: true }],
  [["--no-s"], { RSYNC_PROTECT_ARGS: "1" }, { secludedArgs: false }],
  [["--no-old-args"], { RSYNC_PROTECT_ARGS: "1" }, { oldArgs: 0, secludedArgs: true }],
  [["--old-args"], { RSYNC_PROTECT_ARGS: "1" }, { oldArgs: 1, secludedArgs: false }],
  [["--partial"], { RSYNC_PARTIAL_DIR: "p/" }, { partialDir: "p" }],
  [[], { RSYNC_PARTIAL_DIR: "p" }, { partial: false, partialDir: null }],
  [[], { RSYNC_ICONV: "a,b" }, { iconv: "a,b" }],
  [["--no-iconv"], { RSYNC_ICONV: "a,b" }, { iconv: null }],
  [[], { RSYNC_MAX_ALLOC: "3g" }, { maxAlloc: "3g", maxAllocBytes: 3 * 2 ** 30 }],
  [
    ["--server"],
    { RSYNC_MAX_ALLOC: "3g", RSYNC_PROTECT_ARGS: "1" },
    { maxAlloc: null, secludedArgs: false },
  ],
])("%j with %j resolves to %j", (words, environment, expected) => {
  expect(resolve([...words, "a", "b"], environment)).toMatchObject(expected);
});

// Texts of rsync 3.5.0, by experiment.
test.each([
  [["--old-args", "-s"], "--secluded-args conflicts with --old-args."],
  [["--fake-super", "-XX"], "--fake-super conflicts with -XX"],
  [["--max-alloc=0"], "max-alloc must be greater than zero"],
  [["--max-alloc=1"], "--max-alloc=1 is too small (min: 1.00M or 0 for unlimited)"],
  [["--outbuf="], "Invalid --outbuf setting -- specify N, L, or B."],
  [
    ["-n", "--write-batch=x", "--read-batch=y"],
    "--write-batch and --read-batch can not be used together",
  ],
  [["--read-batch=y", "--files-from=x"], "--read-batch cannot be used with --files-from"],
  [
    ["--read-batch=y", "--remove-sent-files"],
    "--read-batch cannot be used with --remove-sent-files",
  ],
  [[`--write-batch=${"x".repeat(257)}`], "the batch-file name must be 256 characters or less."],
  [["-r", "--del", "--delete-after"], "You may not combine multiple --delete-WHEN options."],
  [["--delete"], "--delete does not work without --recursive (-r) or --dirs (-d)."],
  [["--append", "-W"], "--append cannot be used with --whole-file"],
  [["--inplace", "--partial-dir=x"], "--inplace cannot be used with --partial-dir"],
  [["--append", "--delay-updates"], "--append cannot be used with --delay-updates"],
  [["--suffix=a/b"], "--suffix cannot contain slashes: a/b"],
  [["--suffix="], "--suffix cannot be empty without a --backup-dir"],
  [["--backup-dir=./"], "--suffix cannot be empty when --backup-dir is the same as the dest dir"],
  [["--confine-root=x"], "--confine-root must be an absolute path"],
  [
    ["--confine-root=/x", "--insecure-links"],
    "--insecure-links cannot be combined with --confine-root",
  ],
  [[`--backup-dir=${"x".repeat(4096)}`], "the --backup-dir path is WAY too long."],
  [[`--temp-dir=${"x".repeat(4096)}`], "the --temp-dir path is WAY too long."],
])("%j is refused: %s", (words, message) => {
  expect(() => resolve([...words, "a", "b"])).toThrow(new OptionError(message));
});

test.each([
  [["--cc=foo,md5"], 4, "unknown checksum name: foo,md5"],
  [["--cc=md5,foo"], 4, "unknown checksum name: foo"],
  [["--zc="], 4, "unknown compress name: "],
  [["--protocol=19"], 2, "protocol version mismatch -- is your shell clean?"],
  [["--protocol=33"], 2, "--protocol must be no more than 32 on the Client."],
  [["--info=foo2"], 1, 'Unknown --info item: "foo"'],
  [["--debug=2"], 1, 'Unknown --debug item: "2"'],
])("%j ends with %d: %s", (words, exitCode, message) => {
  expect(() => resolve([...words, "a", "b"])).toThrow(
    expect.objectContaining({ exitCode, message }),
  );
});

test("what the user says about messages wins over -v and --progress, whatever the order", () => {
  const { infoLevels } = resolve([
    "--info=name0,del3",
    "-vv",
    "--progress",
    "--info=help",
    "a",
    "b",
  ]);
  expect(infoLevels.levels).toMatchObject({
    NAME: 0,
    DEL: 3,
    FLIST: 2,
    PROGRESS: 1,
    MISC: 2,
    COPY: 1,
  });
  expect([...infoLevels.given]).toEqual(["NAME", "DEL"]);
  expect(infoLevels.help).toBe(true);
  expect(resolve(["-vvv", "--debug=DEL9", "a", "b"]).debugLevels.levels).toMatchObject({
    DEL: 4,
    FLIST: 2,
    IO: 0,
  });
});

test.each([
  [["-r"], 32, null],
  [["-r", "--delete"], 30, "during"],
  [["-r", "--delete"], 29, "before"],
  [["-r", "--delete-delay"], 29, "delay"],
  [["-r", "--delete-after"], 32, "after"],
  [["-r", "--delete-before"], 32, "before"],
  [["-r", "--del"], 28, "during"],
])("%j at protocol %d deletes %s", (words, protocol, timing) => {
  expect(deletionTiming(resolve([...words, "a", "b"]), protocol)).toBe(timing);
});

test.each([
  [["-r"], true, true],
  [[], false, false],
  [["-r", "--no-i-r"], false, false],
  [["-r", "--qsort"], false, false],
  [["-r", "--delete-before"], true, false],
  [["-r", "-m"], true, false],
  [["-r", "--delay-updates"], true, false],
  [["-r", "--delete-during"], true, true],
])("%j allows incremental recursion: sender %s, receiver %s", (words, sender, receiver) => {
  const settings = resolve([...words, "a", "b"]);
  expect(allowsIncrementalRecursion(settings, false)).toBe(sender);
  expect(allowsIncrementalRecursion(settings, true)).toBe(receiver);
});

test("a relative partial dir is kept out of the transfer", () => {
  const rule = (...words: string[]) => partialDirRule(resolve([...words, "a", "b"]), 32);
  expect(rule("--partial-dir=p")).toEqual({ kind: "filter", text: "-p p/", from0: false });
  expect(rule("--partial-dir=/p")).toBeNull();
  expect(rule()).toBeNull();
});
