import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCursor, createWriter, finish, UNDERFLOW } from "../wire/index.js";
import { MAX_RECORD_DATA, TokenRecordReader, TokenRecordWriter } from "./index.js";

type Operation = number | Uint8Array;

function encode(operations: readonly Operation[]): Uint8Array {
  const records = new TokenRecordWriter();
  const writer = createWriter();
  records.startFile();
  for (const operation of operations) {
    if (typeof operation === "number") records.block(writer, operation);
    else records.data(writer, operation);
  }
  records.end(writer);
  return finish(writer);
}

/** What the records say, data of neighbouring records joined, blocks one by one. */
function decode(bytes: Uint8Array, blockCount: number, piece = bytes.length): (number | string)[] {
  const reader = new TokenRecordReader();
  reader.startFile(blockCount);
  const cursor = createCursor(bytes);
  cursor.end = 0;
  const found: (number | string)[] = [];
  let data = "";
  for (;;) {
    const start = cursor.offset;
    let kind: string;
    try {
      kind = reader.read(cursor);
    } catch (error) {
      if (error !== UNDERFLOW || cursor.end === bytes.length) throw error;
      cursor.offset = start;
      cursor.end = Math.min(bytes.length, cursor.end + piece);
      continue;
    }
    if (kind === "data") {
      data += Buffer.from(reader.payload).toString("latin1");
      continue;
    }
    if (data !== "") found.push(data);
    data = "";
    if (kind === "end") return found;
    for (let i = 0; i < reader.count; i++) found.push(reader.first + i);
  }
}

function joined(operations: readonly Operation[]): (number | string)[] {
  const found: (number | string)[] = [];
  for (const operation of operations) {
    const last = found.at(-1);
    if (typeof operation === "number") found.push(operation);
    else if (operation.length === 0) continue;
    else if (typeof last === "string")
      found[found.length - 1] = last + Buffer.from(operation).toString("latin1");
    else found.push(Buffer.from(operation).toString("latin1"));
  }
  return found;
}

const operation = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 0x7ffffffe }),
  fc.uint8Array({ maxLength: 40 }),
);

describe("token records", () => {
  test("what was written is read, however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(operation), fc.integer({ min: 1, max: 9 }), (operations, piece) => {
        expect(decode(encode(operations), 0x7fffffff, piece)).toEqual(joined(operations));
      }),
    );
  });

  test("runs have the forms of vector 19", () => {
    const text = (value: string) => new Uint8Array(Buffer.from(value));
    const operations = [150, 10, 11, 12, text("lit"), 75, 76, 140, 141, 199, 0, 1, 1];
    expect(Buffer.from(encode(operations)).toString("hex")).toBe(
      "2096000000210a00000002004003" +
        Buffer.from("lit").toString("hex") +
        "ff0100218c0000000100ba210000000001008000",
    );
  });

  test("a run of more than 65536 blocks is cut", () => {
    const blocks = Array.from({ length: 70_000 }, (_, index) => index);
    expect(decode(encode(blocks), 70_000)).toEqual(blocks);
  });

  test("long data is cut into records of at most 16383 bytes", () => {
    const bytes = encode([new Uint8Array(2 * MAX_RECORD_DATA + 1)]);
    expect(bytes.length).toBe(2 * MAX_RECORD_DATA + 1 + 3 * 2 + 1);
  });

  test.each([
    ["no data", [0x40, 0x00], 12],
    ["an unknown flag", [0x22], 12],
    ["another unknown flag", [0x01], 12],
    ["a run of nothing", [0xc0, 0, 0], 12],
    ["a block beyond the basis", [0x80 | 10], 2],
    ["a run beyond the basis", [0xc0 | 5, 5, 0], 2],
    ["a negative block", [0x20, 0xff, 0xff, 0xff, 0xff], 2],
    ["a block number without bound", [0x20, 0xff, 0xff, 0xff, 0x7f], 2],
  ])("%s is refused", (_, bytes, exitCode) => {
    const read = () => decode(new Uint8Array(bytes), 10);
    expect(read).toThrow(expect.objectContaining({ exitCode }));
  });
});
