import { expect, test } from "vitest";
import { parseArguments } from "./parse.js";
import { remoteCommand, splitShellCommand } from "./remote-shell.js";
import { resolveSettings } from "./resolve.js";

test.each([
  ["ssh", ["ssh"]],
  ["  ssh  -p 22 ", ["ssh", "-p", "22"]],
  [`sh "a b"  c`, ["sh", "a b", "c"]],
  [`sh -o'x y'z ''`, ["sh", "-ox yz", ""]],
  [`sh 'it''s' "a""b"`, ["sh", "it's", 'a"b']],
  ["a\\ b", ["a\\", "b"]],
  ["", []],
])("the shell command %j has the words %j", (text, words) => {
  expect(splitShellCommand(text)).toEqual(words);
});

test.each([`a "b`, "a 'b''"])("%j has an open quote", (text) => {
  expect(() => splitShellCommand(text)).toThrow(
    `Missing trailing-${text[2]} in remote-shell command.`,
  );
});

const shellFor = (words: string[], daemon: boolean, RSYNC_RSH?: string) => {
  const settings = resolveSettings(parseArguments([...words, "src", "h:d"]));
  const host = { user: "u", host: "h", port: null };
  return remoteCommand(settings, host, daemon ? null : ["--server"], { RSYNC_RSH });
};

test("the shell comes from --rsh, else from RSYNC_RSH, else it is ssh", () => {
  expect(shellFor([], false).shell).toEqual(["ssh", "-l", "u", "h"]);
  expect(shellFor([], false, "rsh -x").shell).toEqual(["rsh", "-x", "-l", "u", "h"]);
  expect(shellFor(["-e", "a b"], false, "rsh").shell).toEqual(["a", "b", "-l", "u", "h"]);
});

test("-4 and -6 are passed on to a program called ssh only", () => {
  expect(shellFor(["-4", "-e", "/usr/bin/ssh"], false).shell).toContain("-4");
  expect(shellFor(["-6"], false).shell).toEqual(["ssh", "-l", "u", "-6", "h"]);
  expect(shellFor(["-6", "-e", "myssh"], false).shell).not.toContain("-6");
});

test("a daemon over the shell gets no second -l", () => {
  expect(shellFor(["-e", "ssh -l other"], true)).toEqual({
    shell: ["ssh", "-l", "other", "h"],
    command: ["rsync", "--server", "--daemon", "."],
  });
  expect(shellFor(["-e", "ssh -l other"], false).shell).toEqual([
    "ssh",
    "-l",
    "other",
    "-l",
    "u",
    "h",
  ]);
});

test("the remote program is one word", () => {
  expect(shellFor(["--rsync-path=sudo rsync"], false).command).toEqual(["sudo rsync", "--server"]);
});
