import { describe, expect, it } from "vitest";
import { pathOfProblem } from "./attribute-problem.js";

const named = new Set(["a/f", "a/link", "a", "b", 'q"uo te', "a/.x.abcdef"]);
const reading = (directory: string) => ({
  directory,
  root: "/src/root",
  partialDir: ".part",
  isNamed: (path: string) => named.has(path),
  isKnown: (path: string) => named.has(path) || path.startsWith("tree/"),
});

/** Texts as daemons of rsync 3.1.3 to 3.5.0 and our own sender were seen to write them, and what they are about. */
const TEXTS: readonly [text: string, path: string | null][] = [
  ['rsync: [receiver] mkstemp "%Da/.f.Fk18hg" (in m) failed: Permission denied (13)', "a/f"],
  ['rsync: mkstemp "%Da/.f.Fk18hg" (in m) failed: Permission denied (13)', "a/f"],
  [
    'rsync: [receiver] mkstemp "%D.q"uo te.Fk18hg" (in m) failed: Permission denied (13)',
    'q"uo te',
  ],
  [
    'rsync: [generator] symlink "%Da/.link.3371" (in m) -> "/x/y" failed: Permission denied (13)',
    "a/link",
  ],
  ['rsync: [generator] recv_generator: mkdir "%Db" (in m) failed: Permission denied (13)', "b"],
  ['rsync: [generator] failed to set times on "%Da" (in m): Operation not permitted (1)', "a"],
  ['rsync: [receiver] rename "%Da/.f.Fk18hg" (in m) -> "a/f": Is a directory (21)', "a/f"],
  ['rsync: [receiver] write failed on "%Da/.part/f" (in m): No space left on device (28)', "a/f"],
  ["rsync: [generator] delete_file: unlink(a/f) failed: Permission denied (13)", "a/f"],
  ["rsync: delete_file: rmdir(tree/x) failed: Permission denied (13)", "tree/x"],
  ["could not make way for new regular file: a/f", "a/f"],
  ["could not make way for new directory: b", "b"],
  ["ERROR: a/f failed verification -- update discarded.", "a/f"],
  ['rsync: [sender] send_files failed to open "/src/root/a/f": Permission denied (13)', "a/f"],
  ['rsync: [sender] read errors mapping "/src/root/a/f": Input/output error (5)', "a/f"],
  ['rsync: [receiver] mkstemp "%Dtree/.f.Fk18hg" (in m) failed: Permission denied (13)', "tree/f"],
  [
    'rsync: [receiver] mkstemp "%Da/.x.abcdef" (in m) failed: Permission denied (13)',
    "a/.x.abcdef",
  ],
  ['rsync: [receiver] mkstemp "%Dsomewhere/else" (in m) failed: Permission denied (13)', null],
  ["something that nobody has seen so far", null],
];

describe.each(["", "/sub/deeper", "/srv/by shell"])("texts of a target in %j", (directory) => {
  it.each(TEXTS)("%s", (text, path) => {
    const shown = directory === "" ? "" : `${directory}/`;
    expect(pathOfProblem(`${text.replace("%D", shown)}\n`, reading(directory))).toBe(path);
  });
});
