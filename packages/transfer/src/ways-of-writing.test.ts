/**
 * The ways of writing over memory trees: whatever was there, in whatever protocol, the result is the source; and what goes
 * wrong on the way leaves what it must.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { TransferOptions } from "./session/options.js";
import { synchronize } from "./testing/sessions.js";
import { MemoryTree } from "./tree/index.js";

type Options = Partial<TransferOptions>;

const WAYS: readonly Options[] = [
  { inplace: true },
  { inplace: true, sparse: true },
  { inplace: true, append: "verify" },
  { inplace: true, backup: true },
  { inplace: true, backup: true, backupDir: "/aside", suffix: "" },
  { sparse: true, preallocate: true },
  { partial: true, partialDir: ".part" },
  { partial: true, partialDir: ".part", delayUpdates: true, fsync: true },
  { tempDir: "/temporary" },
  { backup: true, backupDir: "/aside", suffix: "" },
];

/** Files made of few pieces, so that blocks move, repeat and vanish. */
const pieces = fc.string({ unit: fc.constantFrom("0", "a", "b", "c", "d"), maxLength: 12 });

function bytesOf(text: string): Buffer {
  const bytes = Buffer.alloc(text.length * 700);
  for (const [i, piece] of [...text].entries()) {
    if (piece !== "0") bytes.subarray(i * 700, (i + 1) * 700).fill(`${piece}${piece}x`);
  }
  return bytes;
}

function treeWith(bytes: Uint8Array | null, seconds: number): MemoryTree {
  const tree = new MemoryTree();
  if (bytes === null) return tree;
  tree.writeFile("f", bytes);
  tree.setTimes("f", null, { seconds, nanoseconds: 0 });
  return tree;
}

test("every way ends with the source's content, and leaves nothing else but backups", async () => {
  await fc.assert(
    fc.asyncProperty(
      pieces,
      fc.option(pieces),
      fc.option(pieces),
      fc.constantFrom(...WAYS),
      fc.constantFrom(28, 29, 30, 31, 32),
      async (text, oldText, leftText, way, protocol) => {
        const bytes = bytesOf(text);
        const old = oldText === null ? null : bytesOf(oldText);
        const left = leftText === null ? null : bytesOf(leftText);
        const source = treeWith(bytes, 1000);
        const target = treeWith(old, 500);
        for (const directory of ["temporary", "aside"]) target.makeDirectory(directory, 0o755);
        if (left !== null && way.partialDir === ".part") {
          target.makeDirectory(".part", 0o700);
          target.writeFile(".part/f", left);
        }
        const options = { ...way, blockSize: 700 };
        const outcome = await synchronize(source, target, { options, protocol });
        expect([outcome.senderError, outcome.receiverError]).toEqual([null, null]);
        // What is verified can turn out to be something else that was not appended to.
        if (way.append === undefined) expect(outcome.notices).toEqual([]);
        // What is only appended to is not looked at when it is long enough.
        const isLongEnough = way.append !== undefined && old !== null && old.length >= bytes.length;
        if (!isLongEnough) {
          expect(Buffer.from(target.readFile("f")).equals(bytes)).toBe(true);
          expect(target.stat("f")).toMatchObject({ mtime: 1000, mode: 0o100644 });
        }
        const expected = ["aside", "f", "temporary"];
        if (way.backup && old !== null && way.backupDir === undefined) expected.push("f~");
        expect(target.list(".").sort()).toEqual(expected.sort());
        const isBackedUp = way.backup && old !== null && way.backupDir !== undefined;
        expect(target.list("aside")).toEqual(isBackedUp ? ["f"] : []);
        if (isBackedUp) expect(Buffer.from(target.readFile("aside/f")).equals(old)).toBe(true);
        expect(target.list("temporary")).toEqual([]);
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);

/** A sender that damages the data of the file the first `times` times. */
async function damaged(times: number, options: Options, target: MemoryTree) {
  const bytes = Buffer.alloc(50_000, "the right content. ");
  const mark = Buffer.from("the right content");
  let left = times;
  return synchronize(treeWith(bytes, 1000), target, {
    options: { ...options, wholeFile: true },
    tamperSender: (chunk) => {
      const at = chunk.indexOf(mark);
      if (at >= 0 && left-- > 0) chunk[at] = 0x21;
      return chunk;
    },
  });
}

test.each([
  [{}, "discarded", "old"],
  [{ partial: true }, "retained", "wrong"],
  [{ partial: true, partialDir: ".part" }, "put into partial-dir", "old"],
  [{ inplace: true }, "retained", "wrong"],
] as const)("data that is wrong twice is given up: %j", async (options, fate, content) => {
  const target = treeWith(Buffer.from("old"), 500);
  const outcome = await damaged(9, options, target);
  const texts = outcome.notices.filter(({ remote }) => !remote).map(({ text }) => text);
  expect(texts).toEqual([
    `WARNING: f failed verification -- update ${fate} (will try again).\n`,
    `ERROR: f failed verification -- update ${fate}.\n`,
  ]);
  expect(outcome.receiver?.exitCode()).toBe(23);
  const found = Buffer.from(target.readFile("f")).toString();
  expect(found === "old" ? "old" : found.startsWith("!he right") ? "wrong" : "?").toBe(content);
  if (content === "wrong") expect(target.stat("f")?.mtime).not.toBe(1000);
});

test.each([{}, { partial: true }, { partial: true, partialDir: ".part" }, { inplace: true }])(
  "data that is wrong once comes again: %j",
  async (options) => {
    const target = treeWith(Buffer.from("old"), 500);
    const outcome = await damaged(1, options, target);
    expect(outcome.receiver?.exitCode()).toBe(0);
    expect(target.readFile("f").length).toBe(50_000);
    expect([target.stat("f")?.mtime, target.list(".")]).toEqual([1000, ["f"]]);
  },
);

test("sources go once they have arrived, unless they changed meanwhile", async () => {
  for (const changes of [false, true]) {
    const source = treeWith(Buffer.from("content"), 1000);
    source.makeSymlink("link", "target");
    const target = new MemoryTree();
    const rename = target.rename.bind(target);
    target.rename = (from, to) => {
      if (changes && to === "f") source.setTimes("f", null, { seconds: 2000, nanoseconds: 0 });
      rename(from, to);
    };
    const options = { removeSource: "all" } as const;
    const outcome = await synchronize(source, target, { options });
    expect(target.list(".").sort()).toEqual(["f", "link"]);
    expect(source.list(".")).toEqual(changes ? ["f"] : []);
    expect(outcome.sender?.exitCode()).toBe(changes ? 23 : 0);
  }
});
