/** The integers, strings, indexes and frames that everything else is made of. */
import { ExitCode } from "@tsrsync/protocol";
import {
  type Cursor,
  createNdxState,
  decodeFrameHeader,
  FRAME_HEADER,
  readByte,
  readInt,
  readIntIn,
  readLongint,
  readNdx,
  readShortint,
  readVarint,
  readVarlong,
  readVstring,
  take,
} from "@tsrsync/protocol/wire";
import { type FuzzInput, fuzzDecoder, seedsOf } from "./fuzz-decoder.js";
import { sessionStreams } from "./vectors.js";

const BROKEN = [ExitCode.Protocol, ExitCode.Stream];

/** Decodes as many values as there are. */
function all<T>(input: FuzzInput, decode: (cursor: Cursor) => T): T[] {
  const values: T[] = [];
  for (let left = input.bytes.length; left > 0; ) {
    values.push(input.read(decode));
    input.read((cursor) => {
      left = input.bytes.length - cursor.offset;
    });
  }
  return values;
}

const integers = seedsOf(
  "\x00",
  "\x7f\x80\x01",
  "\xff\xff\xff\xff",
  "\xc0\x01\x02\xf0\xff\xff\xff\x7f",
);

for (const [name, decode] of Object.entries({
  byte: readByte,
  shortint: readShortint,
  int: readInt,
  "int in a range": (cursor: Cursor) => readIntIn(cursor, "field", 0, 1000),
  longint: readLongint,
  varint: readVarint,
  "varlong of 3": (cursor: Cursor) => readVarlong(cursor, 3),
  "varlong of 4": (cursor: Cursor) => readVarlong(cursor, 4),
})) {
  fuzzDecoder({
    name,
    seeds: integers,
    exitCodes: BROKEN,
    decode: (input) => all(input, decode),
  });
}

fuzzDecoder({
  name: "vstring",
  seeds: seedsOf("\x00", "\x03abc", `\x80\x80${"x".repeat(128)}`, "\xff\xff"),
  exitCodes: [ExitCode.Protocol],
  decode: (input) => all(input, (cursor) => readVstring(cursor, "field", 4095)),
});

for (const protocol of [29, 30, 32]) {
  fuzzDecoder({
    name: `file index of protocol ${protocol}`,
    seeds: seedsOf(
      "\x01\x01\xfd\x00",
      "\xfe\x01\x02\xfe\x80\x00\x00\x01",
      "\xff\x01\xff\x64\xff\xfe\x80\xff\xff\xff",
    ),
    exitCodes: [ExitCode.Protocol],
    decode(input) {
      const state = createNdxState();
      const indexes = all(input, (cursor) => readNdx(cursor, state, protocol));
      for (const index of indexes) {
        if ((index | 0) !== index) throw new TypeError(`an index that is no int: ${index}`);
      }
      return indexes;
    },
  });
}

fuzzDecoder({
  name: "frames",
  seeds: sessionStreams().map((bytes) => bytes.subarray(0, 3000)),
  exitCodes: [ExitCode.Stream],
  decode: (input) =>
    all(input, (cursor) => {
      const header = decodeFrameHeader(cursor.bytes, take(cursor, FRAME_HEADER));
      take(cursor, header.length);
      return header.code;
    }),
});
