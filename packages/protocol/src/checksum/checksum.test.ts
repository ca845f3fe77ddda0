import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FREE_FROM, WasmKernel } from "../kernel/index.js";
import { loadFallbackXxhSum } from "./fallback-xxh-sum.js";
import {
  type ChecksumContext,
  type ChecksumName,
  digestLengthOf,
  type HashStream,
  loadListHash,
  loadStrongSum,
  type StrongSum,
} from "./index.js";

const XXH = ["xxh64", "xxh3", "xxh128"] as const;
const LATE: ChecksumContext = { protocol: 32, seed: 0, seedFix: true, byName: true };

const long = Uint8Array.from({ length: 100_003 }, (_, i) => i * i * 7 + i * 31 + (i >> 8));
const contents = {
  empty: new Uint8Array(0),
  three: Buffer.from("abc"),
  hello: Buffer.from("hello world\n"),
  middle: long.subarray(0, 200),
  block: long.subarray(0, 1024),
  long,
};

/** What `rsync -n -r -c --checksum-choice=NAME --out-format='%C %n'` prints (rsync 3.5.0); %C reverses the xxh digests. */
const PRINTED: readonly [ChecksumName, keyof typeof contents, string][] = [
  ["xxh128", "empty", "99aa06d3014798d86001c324468d497f"],
  ["xxh128", "three", "06b05ab6733a618578af5f94892f3950"],
  ["xxh128", "hello", "eefac9d87100cd1336b2e733a5484425"],
  ["xxh128", "middle", "9f65558c5a25b4731a826d192fe860b7"],
  ["xxh128", "block", "d880f333bb4366267051a94ba436afc0"],
  ["xxh128", "long", "7bc4d7799300e05ecddcbf0e0197628c"],
  ["xxh3", "empty", "2d06800538d394c2"],
  ["xxh3", "three", "78af5f94892f3950"],
  ["xxh3", "hello", "d42f7ed4b73c6bde"],
  ["xxh3", "middle", "c8346951dec299db"],
  ["xxh3", "block", "7051a94ba436afc0"],
  ["xxh3", "long", "cddcbf0e0197628c"],
  ["xxh64", "empty", "ef46db3751d8e999"],
  ["xxh64", "three", "44bc2cf5ad770999"],
  ["xxh64", "hello", "5215e13b207d6d8c"],
  ["xxh64", "middle", "3da13fe32b398557"],
  ["xxh64", "block", "24dd0262621339e8"],
  ["xxh64", "long", "c8d5255efc9b64bd"],
  ["md5", "empty", "d41d8cd98f00b204e9800998ecf8427e"],
  ["md5", "hello", "6f5902ac237024bdd0c176cb93063dc4"],
  ["md5", "long", "85323d99c713ad4b8b1a86c5df173688"],
  ["md4", "empty", "31d6cfe0d16ae931b73c59d7e0c089c0"],
  ["md4", "hello", "97668ab2f29d0115bd0d1161b9bec520"],
  ["md4", "block", "6e5be8a7add649f8851d763758e78a0f"],
  ["md4", "long", "781acc30c1b2fa57d273264b07971985"],
  ["sha1", "empty", "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
  ["sha1", "hello", "22596363b3de40b06f981fb85d82312e8c0ed511"],
  ["sha1", "long", "fefd9833fb5b3a08745c139cf02bacab9ee79c7e"],
];

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function blockSum(sum: StrongSum, bytes: Uint8Array): string {
  const digest = new Uint8Array(sum.digestLength);
  sum.blockSum(bytes, digest, 0, digest.length);
  return hex(digest);
}

/** Feeds `bytes` in pieces of the given lengths, which are repeated. */
function feed(hash: HashStream, bytes: Uint8Array, pieces: readonly number[]): void {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = pieces[i % pieces.length]!;
    hash.update(bytes.subarray(at, at + size));
    at += size;
  }
}

describe("file checksums", () => {
  test.each(PRINTED)("%s of %s is what rsync prints", async (name, content, printed) => {
    const expected = name.startsWith("xxh") ? hex(Buffer.from(printed, "hex").reverse()) : printed;
    const list = await loadListHash(name, 32);
    list.update(contents[content]);
    expect(hex(list.digest())).toBe(expected);
    const sum = await loadStrongSum(name, { ...LATE, seed: 77 });
    const file = sum.createFileHash();
    file.update(contents[content]);
    expect(hex(file.digest())).toBe(expected);
    expect(digestLengthOf(name)).toBe(printed.length / 2);
  });

  test("none is one zero byte", async () => {
    const sum = await loadStrongSum("none", LATE);
    const hash = sum.createFileHash();
    hash.update(long);
    expect([...hash.digest()]).toEqual([0]);
    expect([...(await loadListHash("none", 32)).digest()]).toEqual([0]);
  });

  test.each([...XXH, "md4", "md5", "sha1"] as const)(
    "%s does not care how the data is cut, nor who else hashes meanwhile",
    async (name) => {
      const sum = await loadStrongSum(name, LATE);
      const [whole, cut, other] = [1, 2, 3].map(() => sum.createFileHash()) as [
        HashStream,
        HashStream,
        HashStream,
      ];
      fc.assert(
        fc.property(
          fc.integer({ min: 0, max: 3000 }),
          fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 8 }),
          (length, pieces) => {
            const bytes = long.subarray(0, length);
            whole.reset();
            whole.update(bytes);
            cut.reset();
            other.reset();
            for (let at = 0, i = 0; at < length; i++) {
              const size = pieces[i % pieces.length]!;
              cut.update(bytes.subarray(at, at + size));
              other.update(bytes.subarray(0, size));
              at += size;
            }
            expect(hex(cut.digest())).toBe(hex(whole.digest()));
            other.digest();
          },
        ),
        { numRuns: 50 },
      );
    },
  );

  test.each(XXH)("%s follows its data into the memory of a kernel", async (name) => {
    const hash = (await loadStrongSum(name, LATE)).createFileHash();
    const expected = (await loadFallbackXxhSum(name, 0)).createFileHash();
    const kernel = new WasmKernel();
    kernel.reserve(FREE_FROM + 100_000);
    kernel.memory.set(long.subarray(0, 50_000), FREE_FROM);
    hash.update(long.subarray(0, 1000));
    hash.update(kernel.memory.subarray(FREE_FROM, FREE_FROM + 50_000));
    hash.update(long.subarray(0, 10));
    // Growing the memory moves it; the state must not be lost.
    kernel.reserve(FREE_FROM + 10_000_000);
    hash.update(kernel.memory.subarray(FREE_FROM + 7, FREE_FROM + 40_000));
    for (const [from, to] of [
      [0, 1000],
      [0, 50_000],
      [0, 10],
      [7, 40_000],
    ]) {
      expected.update(long.subarray(from, to));
    }
    expect(hex(hash.digest())).toBe(hex(expected.digest()));
    hash.reset();
    expect(hex(hash.digest())).toBe(hex((await loadListHash(name, 32)).digest()));
  });

  test("a hash of the platform is used where one is offered", async () => {
    let made = 0;
    const sum = await loadStrongSum("md5", LATE, {
      md5: () => {
        made++;
        let hash = createHash("md5");
        return {
          reset: () => {
            hash = createHash("md5");
          },
          update: (bytes) => void hash.update(bytes),
          digest: () => hash.digest(),
        };
      },
    });
    expect(blockSum(sum, contents.hello)).toBe("6f5902ac237024bdd0c176cb93063dc4");
    expect(made).toBe(1);
  });
});

describe("block sums", () => {
  test.each(XXH)("%s equals hash-wasm for every length and seed", async (name) => {
    for (const seed of [0, 1, 0x11223344, -1, -0x8000_0000, 0x7fff_ffff]) {
      const sum = await loadStrongSum(name, { ...LATE, seed });
      const oracle = await loadFallbackXxhSum(name, seed);
      for (let length = 0; length < 700; length++) {
        const bytes = long.subarray(length, 2 * length);
        if (blockSum(sum, bytes) !== blockSum(oracle, bytes)) {
          expect.fail(`${name} of ${length} bytes with seed ${seed} differs`);
        }
      }
      for (const length of [1023, 1024, 1025, 2048, 2049, 4096, 65_536, 100_003]) {
        const bytes = long.subarray(0, length);
        expect(blockSum(sum, bytes)).toBe(blockSum(oracle, bytes));
      }
    }
  });

  test.each(XXH)("%s of a stream survives a block sum between two updates", async (name) => {
    const sum = await loadStrongSum(name, { ...LATE, seed: 5 });
    const hash = sum.createFileHash();
    feed(hash, long.subarray(0, 5000), [300]);
    blockSum(sum, long.subarray(0, 400));
    feed(hash, long.subarray(5000), [300]);
    const expected = await loadListHash(name, 32);
    expected.update(long);
    expect(hex(hash.digest())).toBe(hex(expected.digest()));
  });

  test("the seed stands where protocol, name and seed fix put it", async () => {
    const seed4 = Buffer.from([0x44, 0x33, 0x22, 0x11]);
    const data = Buffer.from("some block");
    const cases: [ChecksumName, Partial<ChecksumContext>, Uint8Array[], Uint8Array[]][] = [
      ["md4", { protocol: 29, byName: false, seedFix: false }, [data, seed4], [seed4, data]],
      ["md4", { protocol: 32 }, [data, seed4], [data]],
      ["md4", { protocol: 29, byName: true }, [data, seed4], [data]],
      ["md5", { seedFix: true }, [seed4, data], [data]],
      ["md5", { protocol: 30, byName: false, seedFix: false }, [data, seed4], [data]],
      ["sha1", { seedFix: false }, [seed4, data], [data]],
    ];
    for (const [name, context, block, file] of cases) {
      const sum = await loadStrongSum(name, { ...LATE, seed: 0x11223344, ...context });
      const plain = await loadListHash(name, 32);
      plain.update(Buffer.concat(block));
      expect(blockSum(sum, data)).toBe(hex(plain.digest()));
      plain.reset();
      plain.update(Buffer.concat(file));
      const hash = sum.createFileHash();
      hash.update(data);
      expect(hex(hash.digest())).toBe(hex(plain.digest()));
    }
  });

  test("a seed of zero is left out of block sums, but not out of old file checksums", async () => {
    const context = { protocol: 29, seed: 0, seedFix: false, byName: false };
    const sum = await loadStrongSum("md4", context);
    const plain = await loadListHash("md4", 29);
    plain.update(long);
    expect(blockSum(sum, long)).toBe(hex(plain.digest()));
    const hash = sum.createFileHash();
    hash.update(long);
    plain.reset();
    plain.update(new Uint8Array(4));
    plain.update(long);
    expect(hex(hash.digest())).toBe(hex(plain.digest()));
  });

  test("only as many bytes as asked for are stored", async () => {
    for (const name of ["xxh128", "md5", "none"] as const) {
      const sum = await loadStrongSum(name, LATE);
      const into = new Uint8Array(6).fill(0xee);
      sum.blockSum(long.subarray(0, 100), into, 2, 1);
      expect([into[0], into[1], into[3], into[4], into[5]]).toEqual([0xee, 0xee, 0xee, 0xee, 0xee]);
      expect(into[2]).not.toBe(0xee);
    }
  });
});
