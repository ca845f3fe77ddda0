import { parseServerRequest, refusalText } from "@tsrsync/protocol/arguments";
import { expect, test } from "vitest";
import { refusedOption } from "./refuse-options.js";

const refuse = (refuseOptions: string, ...words: string[]) => {
  const request = parseServerRequest(["--server", "--sender", "-r", ...words, "."], null, {
    fromDaemonClient: true,
  });
  const refused = refusedOption({ refuseOptions, charset: "" }, request);
  return refused === null ? null : refusalText(refused);
};

// What rsync 3.5.0 says.
test.each([
  ["compress-threads", "--zt=3", "--zt"],
  ["compress-threads", "--compress-threads=3", "--compress-threads"],
  ["compress-choice", "--zc=zlib", "--zc"],
  ["del*", "--del", "--del"],
  ["delete-during", "--del", "--del"],
  ["checksum", "-c", "--checksum (-c)"],
])("refuse options = %s tells %s by the name that it was given by", (tokens, word, shown) => {
  expect(refuse(tokens, word)).toBe(`The server is configured to refuse ${shown}`);
});

test("what is not refused has no name", () => {
  expect(refuse("compress-threads", "-c")).toBeNull();
});
