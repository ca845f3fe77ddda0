import fc from "fast-check";
import { expect, test } from "vitest";
import { parseArguments, resolveSettings } from "../arguments/index.js";
import { ProtocolError, UsageError } from "../errors.js";
import { RuleParser } from "../filter/index.js";
import { createCursor } from "../wire/index.js";
import { encodeBatchSession, encodeStreamFlags, readBatchStart } from "./header.js";
import { type ReplayScript, replayScript } from "./replay-script.js";
import { adoptStreamFlags, streamFlags } from "./stream-flags.js";

const resolved = (...words: string[]) => resolveSettings(parseArguments([...words, "a", "b"]));

const archive = () => ({
  ...resolved(),
  recursive: 1,
  dirs: 1,
  owner: true,
  group: true,
  links: true,
  devices: true,
});

// As rsync 3.5.0 starts its file for `-a --write-batch=B`, and the same with --protocol=28.
test.each([
  [32, 0x1ff, "9f00000020000000" + "81ff" + "44f7196b"],
  [28, 0, "9f0000001c000000" + "44f7196b"],
])("the head of a batch of protocol %i", (protocol, compatFlags, hex) => {
  const session = encodeBatchSession({ protocol, compatFlags, checksumSeed: 0x6b19f744 });
  const bytes = Buffer.concat([encodeStreamFlags(streamFlags(archive())), session]);
  expect(bytes.toString("hex")).toBe(hex);
  expect(readBatchStart(createCursor(bytes))).toEqual({ flags: 0x9f, protocol });
});

test.each([33, 19, -1])("a batch of protocol %i is refused", (protocol) => {
  const bytes = encodeBatchSession({ protocol, compatFlags: 0, checksumSeed: 1 });
  const head = Buffer.concat([encodeStreamFlags(0), bytes]);
  expect(() => readBatchStart(createCursor(head))).toThrow(ProtocolError);
});

test("what a reader adopts is what was written, whatever it was told itself", () => {
  const levels = fc.record({
    recursive: fc.nat(1),
    dirs: fc.nat(1),
    hardLinks: fc.nat(1),
    owner: fc.boolean(),
    links: fc.boolean(),
    acls: fc.boolean(),
    inplace: fc.boolean(),
    append: fc.nat(2),
  });
  fc.assert(
    fc.property(levels, levels, (written, told) => {
      const settings = { ...resolved(), ...told };
      adoptStreamFlags(settings, streamFlags({ ...resolved(), ...written }), 32);
      expect(settings).toMatchObject(written);
    }),
  );
});

test.each([["-z"], ["--compress-choice=zlib"], ["--compress-level=3"]])(
  "a batch of %s is compressed, and read as such by who was not told",
  (option) => {
    const flags = streamFlags(resolved(option));
    expect(flags).toBe(1 << 8);
    const settings = resolved();
    adoptStreamFlags(settings, flags, 32);
    expect(settings.compressMethod).toBe("zlib");
    adoptStreamFlags(settings, 0, 32);
    expect(settings.compressMethod).toBe("none");
  },
);

test("old files say nothing of options that are newer", () => {
  const settings = { ...archive(), inplace: true, recursive: 0 };
  expect(adoptStreamFlags(settings, 0x1f, 28)).toEqual([
    "Setting the --recurse (-r) option to match the batchfile.",
  ]);
  expect(settings.inplace).toBe(true);
});

function script(words: string[], paths: string[], texts: string[] = []): string {
  const parser = new RuleParser();
  for (const text of texts) parser.addRule(text);
  const { rules } = parser;
  const parts = { program: "rsync", words, paths, batchFile: "B", rules, protocol: 32 };
  // A dollar sign before a brace looks like a template here.
  return replayScript(parts satisfies ReplayScript).replace(/\$(?={1:-)/, "@");
}

test.each([
  [["-a", "--write-batch=B", "s/", "t/"], "'rsync' '-a' --read-batch='B' @{1:-'t/'}\n"],
  [["-a", "--write-batch", "B", "s/", "--", "t"], "'rsync' '-a' --read-batch 'B' '--' @{1:-'t'}\n"],
  [["--only-write-batch=it's", "s/", "x'y"], "'rsync' --read-batch='it'\\''s' @{1:-'x'\\''y'}\n"],
  [["--files-from", "f", "--exclude=x", "-f", "- z", "-av", "s", "t"], "'rsync' '-av' @{1:-'t'}\n"],
  [["--out-format=$(x) `y`", "s", "t"], "'rsync' --out-format='$(x) `y`' @{1:-'t'}\n"],
  [["-x$(z)=y", "s", "t"], "'rsync' '-x$(z)=y' @{1:-'t'}\n"],
])("the script of %j", (words, expected) => {
  const paths = words.filter((word) => /^(s\/?|t\/?|x'y)$/.test(word));
  expect(script(words, paths)).toBe(expected);
});

test("rules follow the command, one on each line", () => {
  expect(script(["-a", "s", "t"], ["s", "t"], ["- *.o", "P keep"])).toBe(
    "'rsync' --filter='._-' '-a' @{1:-'t'} <<'#E#'\n- *.o\n-r keep\n#E#\n",
  );
});

test("a rule that could end the rules early is refused", () => {
  expect(() => script(["s", "t"], ["s", "t"], ["- a\n#E#\nrm x"])).toThrow(UsageError);
});
