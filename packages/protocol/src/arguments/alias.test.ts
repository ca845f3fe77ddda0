import { expect, test } from "vitest";
import { parseAliases } from "./alias.js";
import { parseArguments } from "./parse.js";

const parse = (file: string, ...words: string[]) =>
  parseArguments(words, { aliases: parseAliases(file) });

test("the lines of a popt file that concern rsync are read, and later files win", () => {
  const aliases = parseAliases(
    `# rsync alias -Q -q\nother alias -Z -z\nrsync alias -Z --no-p --chmod=ugo=rwX\n`,
    `rsync alias --say --out-format='%n is "it"' "a\\"b" c\\ d\nrsync exec --x y\nrsync alias -Z -v\n`,
  );
  expect([...aliases]).toEqual([
    ["-Z", ["-v"]],
    ["--say", ['--out-format=%n is "it"', 'a"b', "c d"]],
  ]);
});

test("an alias stands for its words, in a bundle too", () => {
  const file = "rsync alias -Z -r --chmod=g+w\nrsync alias --mirror -Z --delete";
  expect(parse(file, "--mirror", "a").settings).toMatchObject({ recursive: 2, deleteMode: true });
  expect(parse(file, "-tZv", "a").settings).toMatchObject({
    times: true,
    chmod: ["g+w"],
    verbose: 1,
  });
});

test("an alias may contain itself", () => {
  const { settings } = parse("rsync alias -a -a -@-1", "-va");
  expect(settings).toMatchObject({ recursive: 1, modifyWindow: -1, verbose: 1 });
});

test("two aliases that contain each other end", () => {
  const file = "rsync alias --verbose --quiet\nrsync alias --quiet --verbose";
  expect(parse(file, "--verbose").settings.verbose).toBe(1);
});

test("an option at the end of an alias takes the next word of the command line", () => {
  expect(parse("rsync alias --into -r -T", "--into", "tmp", "a")).toMatchObject({
    settings: { tempDir: "tmp" },
    paths: ["a"],
  });
});

test("values are no aliases, and neither server nor daemon has any", () => {
  const file = "rsync alias -v -q\nrsync alias --server -v\nrsync alias --daemon -v";
  expect(parse(file, "-T", "-v").settings).toMatchObject({ tempDir: "-v", quiet: 0 });
  expect(parse(file, "-v", "--server").settings).toMatchObject({
    verbose: 1,
    quiet: 0,
    server: true,
  });
  expect(parse(file, "--daemon", "-v").settings.verbose).toBe(1);
});

test("the words of an alias do not count for -h alone", () => {
  expect(parse("rsync alias --all -a -v", "--all").wordCount).toBe(1);
});
