import { expect, test } from "vitest";
import { memoryWorld } from "../testing/memory-world.js";
import { loadSettings } from "./load.js";

const load = (defaults: string, daemon = "{}") =>
  loadSettings(
    {
      text: `version: 1\ndaemon: ${daemon}\ndefaults: ${defaults}\nroots: [{path: /a, targets: ["rsync://h/m"]}]`,
    },
    { world: memoryWorld() },
  );

test.each([["{live: {followSymlinkDirs: true}}", "live.followSymlinkDirs"]])(
  "%s is told",
  (defaults, key) => {
    expect(load(defaults).warnings).toEqual([
      expect.stringContaining(`this version does not do all of ${key}: `),
    ]);
  },
);

test("defaults are not told", () => {
  expect(load("{}").warnings).toEqual([]);
});
