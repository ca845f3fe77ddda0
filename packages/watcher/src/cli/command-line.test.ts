import { UsageError } from "@tsrsync/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { COMMANDS, parseCommandLine } from "./command-line.js";

const parse = (...words: string[]) => parseCommandLine(words);

test("without words it mirrors", () =>
  expect(parse()).toMatchObject({ command: "run", config: null, workers: null }));

test.each([
  [["-r"], { fullSync: true }],
  [["-d"], { daemon: true }],
  [["-rd"], { fullSync: true, daemon: true }],
  [["-dr", "-o", "x.xml"], { fullSync: true, daemon: true, config: "x.xml" }],
  [["-ox.xml"], { config: "x.xml" }],
  [["-rdo", "x.xml", "-n", "5"], { fullSync: true, daemon: true, config: "x.xml", workers: 5 }],
  [["-n5"], { workers: 5 }],
  [["-rn5"], { fullSync: true, workers: 5 }],
  [["-n", "0"], { workers: 10 }],
  [["-n", "-3"], { workers: 1 }],
  [["-m", "refreshCDN"], { hooksOnly: "refreshCDN" }],
  [["-h"], { help: true }],
  [["--full-sync", "--daemon", "--workers=7"], { fullSync: true, daemon: true, workers: 7 }],
  [["--config", "a", "--log-level", "debug"], { config: "a", logLevel: "debug" }],
  [["run", "-d"], { command: "run", daemon: true }],
  [["-o", "x", "status", "--json"], { command: "status", json: true, config: "x" }],
  [
    ["flush", "www", "--target=web1", "--timeout", "30"],
    { command: "flush", operands: ["www"], target: "web1", timeout: 30_000 },
  ],
  [["flush", "--timeout=500ms"], { timeout: 500 }],
  [["verify", "--repair", "--json"], { command: "verify", repair: true, json: true }],
  [["resume", "www"], { command: "resume", operands: ["www"] }],
  [
    ["convert", "-rdn", "5", "confxml.xml"],
    { command: "convert", operands: ["confxml.xml"], workers: 5, fullSync: true },
  ],
  [["convert", "--", "-odd-name"], { operands: ["-odd-name"] }],
])("%j is %j", (words, expected) => expect(parse(...words)).toMatchObject(expected));

test.each([
  [["-x"], "unknown option -x"],
  [["-rdx"], "unknown option -x"],
  [["-o"], "-o needs a value"],
  [["-n", "many"], '--workers: expected a number, got "many"'],
  [["-n", "99999"], "--workers: expected a number"],
  [["--confg", "x"], "unknown option --confg; did you mean --config?"],
  [["--config="], "--config needs a value"],
  [["--daemon=yes"], "--daemon takes no value"],
  [["mirror"], 'unknown command "mirror"'],
  [["flsh"], 'unknown command "flsh"; did you mean flush?'],
  [["convert"], "convert needs a file"],
  [["resume"], "resume needs a root"],
  [["status", "www"], 'status: one word too many: "www"'],
  [["status", "-r"], "--full-sync means nothing to status"],
  [["flush", "--timeout", "soon"], "--timeout: expected a time like 30s"],
  [["--toString"], "unknown option --toString"],
])("%j is refused: %s", (words, message) => {
  expect(() => parse(...words)).toThrow(UsageError);
  expect(() => parse(...words)).toThrow(message);
});

test("any words give a command line or a UsageError", () => {
  const word = fc.oneof(
    fc.constantFrom("-r", "-n", "5", "-rd", "--", "-", "--root", "=", ...COMMANDS),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (words) => {
      try {
        expect(COMMANDS).toContain(parse(...words).command);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
    }),
  );
});
