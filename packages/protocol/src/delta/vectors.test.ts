import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ChecksumName, loadStrongSum } from "../checksum/index.js";
import { createWriter, decodeFrameHeader, FRAME_HEADER, finish } from "../wire/index.js";
import { computeSumHead, storeLiteralHeader, writeEnd, writeMatch, writeSumHead } from "./index.js";
import { findDelta, makeSignature, makeSums } from "./test-support.js";

/** One direction of a capture: where its frames begin (`null`: it has none), and where in the data our part begins. */
interface Part {
  direction: "client-to-server" | "server-to-client";
  frames: number | null;
  offset: number;
}

interface Vector {
  name: string;
  file: string;
  checksum: ChecksumName;
  byName: boolean;
  /** Head and block sums. */
  sums: Part;
  /** Tokens and file checksum. */
  tokens: Part;
}

const C2S = "client-to-server";
const S2C = "server-to-client";

const VECTORS: readonly Vector[] = [
  {
    name: "01-new-file-p32",
    file: "hello.txt",
    checksum: "xxh128",
    byName: true,
    sums: { direction: S2C, frames: 0x2e, offset: 3 },
    tokens: { direction: C2S, frames: 0x23, offset: 43 },
  },
  {
    name: "02-delta-p32",
    file: "delta.txt",
    checksum: "xxh128",
    byName: true,
    sums: { direction: S2C, frames: 0x2e, offset: 3 },
    tokens: { direction: C2S, frames: 0x23, offset: 43 },
  },
  {
    name: "07-delta-p29-old-server",
    file: "delta.txt",
    checksum: "md4",
    byName: false,
    sums: { direction: S2C, frames: 8, offset: 6 },
    tokens: { direction: C2S, frames: null, offset: 0x36 },
  },
  {
    name: "08-delta-p28-pull",
    file: "delta.txt",
    checksum: "md4",
    byName: false,
    sums: { direction: C2S, frames: null, offset: 12 },
    tokens: { direction: S2C, frames: 8, offset: 48 },
  },
  {
    name: "09-delta-p30-old-server",
    file: "delta.txt",
    checksum: "md5",
    byName: false,
    sums: { direction: S2C, frames: 9, offset: 3 },
    tokens: { direction: C2S, frames: 4, offset: 42 },
  },
];

const folder = new URL("../../../../docs/protocol/vectors/transfer/", import.meta.url);

function captured(name: string, part: Part, length: number): string {
  let bytes: Buffer = readFileSync(new URL(`${name}/${part.direction}.bin`, folder));
  if (part.frames !== null) {
    const parts: Buffer[] = [];
    for (let at = part.frames; at < bytes.length; ) {
      const { length: size } = decodeFrameHeader(bytes, at);
      at += FRAME_HEADER;
      parts.push(bytes.subarray(at, at + size));
      at += size;
    }
    bytes = Buffer.concat(parts);
  }
  return bytes.subarray(part.offset, part.offset + length).toString("hex");
}

describe.each(VECTORS)("$name", ({ name, file, checksum, byName, sums, tokens }) => {
  const json = readFileSync(new URL(`${name}/vector.json`, folder), "utf8");
  const { protocol, compatFlags, seed } = JSON.parse(json) as Record<string, number>;
  const seedFix = (compatFlags! & 0x20) !== 0;
  const context = { protocol: protocol!, seed: seed!, seedFix, byName };
  const before = new URL(`${name}/before/${file}`, folder);
  const basis = existsSync(before) ? readFileSync(before) : Buffer.alloc(0);
  const target = readFileSync(new URL(`${name}/source/${file}`, folder));

  test("sum head and block sums are those of the capture", async () => {
    const strong = await loadStrongSum(checksum, context);
    const { digestLength } = strong;
    const options = { protocol: protocol!, blockSize: 16, digestLength, redo: false };
    const head = computeSumHead(basis.length, options);
    const writer = createWriter();
    writeSumHead(writer, head, protocol!);
    const own = Buffer.concat([finish(writer), makeSums(basis, head, strong)]);
    expect(own.toString("hex")).toBe(captured(name, sums, own.length));
  });

  test("tokens and file checksum are those of the capture", async () => {
    const strong = await loadStrongSum(checksum, context);
    const signature = makeSignature(basis, 16, strong);
    const writer = createWriter();
    for (const operation of findDelta(signature, target, { strong }).operations) {
      if (typeof operation === "number") {
        writeMatch(writer, operation);
      } else {
        const header = new Uint8Array(4);
        storeLiteralHeader(header, 0, operation.length);
        const literal = Buffer.concat([header, Buffer.from(operation, "latin1")]);
        for (const byte of literal) writer.bytes[writer.offset++] = byte;
      }
    }
    writeEnd(writer);
    const hash = strong.createFileHash();
    hash.update(target);
    const own = Buffer.concat([finish(writer), hash.digest()]);
    expect(own.toString("hex")).toBe(captured(name, tokens, own.length));
  });
});
