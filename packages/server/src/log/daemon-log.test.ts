import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogSink } from "@tsrsync/transfer";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DaemonLog } from "./daemon-log.js";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsrsync-log-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const at = (name: string): string => join(directory, name);
const textsOf = (name: string): string[] =>
  readFileSync(at(name), "latin1").match(/\[\d+\] .*/g) ?? [];

test("lines go to the file of their module, or else to the daemon's own", () => {
  const log = new DaemonLog(at("own"));
  log.write("a", { pid: 1 });
  log.write("b", { file: at("module"), pid: 2 });
  log.write("c", { file: "", pid: 3 });
  log.write("d", { file: at("own"), pid: 4 });
  log.close();
  expect(textsOf("own")).toEqual(["[1] a", "[3] c", "[4] d"]);
  expect(textsOf("module")).toEqual(["[2] b"]);
});

test("the file of --log-file takes the lines of all modules", () => {
  const log = new DaemonLog(at("own"), { isForModules: true });
  log.write("a", { file: at("module"), pid: 1 });
  log.close();
  expect(textsOf("own")).toEqual(["[1] a"]);
});

test("without a file lines go to the fallback", () => {
  const lines: string[] = [];
  const fallback: LogSink = { write: (text) => void lines.push(text), close: () => {} };
  new DaemonLog("", { fallback }).write("a");
  expect(lines).toEqual(["a"]);
});
