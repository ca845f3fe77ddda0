import fc from "fast-check";
import { createMD4 } from "hash-wasm";
import { expect, test } from "vitest";
import { type ChecksumContext, loadListHash, loadStrongSum } from "./index.js";
import { OldMd4 } from "./old-md4.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** What rsync 3.5.0 sent with `-c --protocol=26`. */
test.each([
  ["nothing", new Uint8Array(0), "0123456789abcdeffedcba9876543210"],
  ["64 zeros", new Uint8Array(64), "ef555101ab675f2e8dc9813615ab4774"],
  ["60 zeros", new Uint8Array(60), "cd3abe7c750d6a7b88785ad0f0a33ca5"],
  ["1405 bytes", Buffer.from(`${"x".repeat(1400)}more\n`), null],
])("the list's checksum of %s", async (_what, bytes, expected) => {
  const hash = await loadListHash("md4", 26);
  hash.reset();
  hash.update(bytes);
  const plain = (await createMD4()).init().update(bytes).digest("hex");
  expect(hex(hash.digest())).toBe(expected ?? plain);
});

test("a block of 700 bytes and the seed, as rsync 3.5.0 sent it", async () => {
  const context: ChecksumContext = { protocol: 26, seed: 7, seedFix: false, byName: false };
  const strong = await loadStrongSum("md4", context);
  const sum = new Uint8Array(2);
  strong.blockSum(Buffer.from("x".repeat(700)), sum, 0, 2);
  expect(hex(sum)).toBe("f889");
});

test("pieces make no difference, and only whole blocks are other than in md4", async () => {
  const md4 = await createMD4();
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(300), { maxLength: 4 }), (data, cuts) => {
      const hash = new OldMd4();
      hash.update(Uint8Array.of(1, 2, 3));
      hash.reset();
      let from = 0;
      for (const cut of cuts.map((at) => at % (data.length + 1)).sort((a, b) => a - b)) {
        hash.update(data.subarray(from, cut));
        from = cut;
      }
      hash.update(data.subarray(from));
      const digest = hex(hash.digest());
      const plain = md4.init().update(data).digest("hex");
      if (data.length % 64 === 0) expect(digest).not.toBe(plain);
      else expect(digest).toBe(plain);
    }),
  );
});
