import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { StartError } from "../errors.js";
import {
  formatAuthRequired,
  formatDaemonError,
  formatModuleLine,
  parseDaemonReply,
  parseModuleLine,
} from "./daemon-reply.js";
import { formatDaemonRequest, parseDaemonRequest } from "./daemon-request.js";
import { parseGreeting } from "./greeting.js";
import { LineReader, MAX_CLIENT_LINE } from "./line-reader.js";

const session = (name: string) =>
  readFileSync(new URL(`../../../../docs/protocol/vectors/session/${name}.bin`, import.meta.url));

function lines(bytes: Uint8Array): string[] {
  const reader = new LineReader();
  reader.push(bytes);
  const all: string[] = [];
  for (let line = reader.next(MAX_CLIENT_LINE); line !== null; line = reader.next(MAX_CLIENT_LINE))
    all.push(line);
  return all;
}

test("the captured module listing is understood line by line", () => {
  const [greeting, ...replies] = lines(session("01-list-modules-32.s2c"));
  expect(parseGreeting(greeting!, "client").version).toBe(32);
  expect(replies.map(parseDaemonReply)).toEqual([
    { kind: "text", text: "Test daemon" },
    { kind: "text", text: "" },
    { kind: "text", text: "pub            \tpublic files" },
    { kind: "text", text: "a-rather-long-module-name\t" },
    { kind: "exit" },
  ]);
  const modules = [
    { name: "pub", comment: "public files" },
    { name: "a-rather-long-module-name", comment: "" },
  ];
  expect(replies.slice(2, 4).map(parseModuleLine)).toEqual(modules);
  expect(modules.map(formatModuleLine)).toEqual(replies.slice(2, 4));
});

test.each(["Test daemon", "short\tcomment", ""])("%j is no line of a module list", (line) => {
  expect(parseModuleLine(line)).toBeNull();
});

test("the daemon's answers have their meaning", () => {
  expect(parseDaemonReply("@RSYNCD: OK")).toEqual({ kind: "ok" });
  expect(parseDaemonReply(formatAuthRequired("abc"))).toEqual({ kind: "auth", challenge: "abc" });
  expect(parseDaemonReply(formatDaemonError("Unknown module 'x'"))).toEqual({
    kind: "error",
    text: "@ERROR: Unknown module 'x'",
  });
  expect(parseDaemonReply("@RSYNCD: OK!")).toEqual({ kind: "text", text: "@RSYNCD: OK!" });
});

test.each([
  ["", { kind: "list" }],
  ["pub", { kind: "module", name: "pub" }],
  ["#early_input=1", { kind: "early-input", length: 1 }],
  ["#early_input=5120", { kind: "early-input", length: 5120 }],
] as const)("the request %j is read and written", (line, request) => {
  expect(parseDaemonRequest(line)).toEqual(request);
  expect(formatDaemonRequest(request)).toBe(line);
});

test("#list is a listing too", () => expect(parseDaemonRequest("#list")).toEqual({ kind: "list" }));

test.each([
  ["#early_input=0", "invalid early_input length"],
  ["#early_input=5121", "invalid early_input length"],
  ["#early_input=x", "invalid early_input length"],
  ["#early_input=99999999999", "invalid early_input length"],
  ["#lists", "Unknown command '#lists'"],
])("%j is answered with %j", (line, text) => {
  expect(() => parseDaemonRequest(line)).toThrow(new StartError(text));
});
