/** What travels while files are transferred: item records, block sums, tokens, counters. */
import { ExitCode } from "@tsrsync/protocol";
import { readSumHead, readToken, SignatureReader } from "@tsrsync/protocol/delta";
import { readDeletionCounters, readItemRecord, readSenderStatistics } from "@tsrsync/protocol/item";
import { createNdxState, take } from "@tsrsync/protocol/wire";
import { type FuzzInput, fuzzDecoder, seedsOf } from "./fuzz-decoder.js";

const DIGEST_LENGTH = 16;

for (const protocol of [28, 29, 30, 32]) {
  const ndx = protocol < 30 ? "\x07\0\0\0" : "\x08";
  fuzzDecoder({
    name: `item record of protocol ${protocol}`,
    seeds: seedsOf(
      `${ndx}\x00\xa0`,
      `${ndx}\x00\xb8\x83\x04name`,
      `${ndx}\x00\x98\x80\x8f\xff${"x".repeat(4095)}`,
    ),
    exitCodes: [ExitCode.Protocol],
    decode: (input) => {
      const state = createNdxState();
      return [1, 2].map(() => input.read((cursor) => readItemRecord(cursor, state, protocol)));
    },
  });

  fuzzDecoder({
    name: `sum head and block sums of protocol ${protocol}`,
    seeds: seedsOf(
      `\x02\0\0\0\xbc\x02\0\0\x02\0\0\0\x05\0\0\0${"abcdef".repeat(2)}`,
      `\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0`,
      `\xff\xff\xff\x7f\xbc\x02\0\0\x10\0\0\0\0\0\0\0abcd`,
      `\xff\xff\xff\x02\xbc\x02\0\0\x10\0\0\0\0\0\0\0abcd`,
    ),
    exitCodes: [ExitCode.Protocol, ExitCode.OutOfMemory],
    decode: (input) => decodeSums(input, protocol),
  });

  fuzzDecoder({
    name: `tokens of protocol ${protocol}`,
    seeds: seedsOf(`\x03\0\0\0abc\xfe\xff\xff\xff\0\0\0\0`, "\xff\xff\xff\x7fabc", "\0\0\0\x80"),
    exitCodes: [ExitCode.Protocol],
    decode(input) {
      const tokens: number[] = [];
      for (;;) {
        const token = input.read((cursor) => readToken(cursor, 4));
        tokens.push(token);
        if (token === 0) return tokens;
        if (token > 0) input.read((cursor) => take(cursor, token));
      }
    },
  });

  fuzzDecoder({
    name: `statistics of protocol ${protocol}`,
    seeds: seedsOf("\0\x01\x02".repeat(5), "\xff\xff\xff\xff\0\0\0\0\x01\0\0\0".repeat(5)),
    exitCodes: [ExitCode.Protocol, ExitCode.Stream],
    decode: (input) => input.read((cursor) => readSenderStatistics(cursor, protocol)),
  });
}

function decodeSums(input: FuzzInput, protocol: number): unknown {
  const limits = { protocol, digestLength: DIGEST_LENGTH };
  const head = input.read((cursor) => readSumHead(cursor, limits));
  const reader = new SignatureReader(head);
  input.pump((cursor) => reader.read(cursor));
  const { weak, strong } = reader.signature;
  return [head, weak, strong];
}

fuzzDecoder({
  name: "deletion counters",
  seeds: seedsOf("\x01\x02\x03\x04\x05", "\xf0\xff\xff\xff\x7f\0\0\0\0"),
  exitCodes: [ExitCode.Protocol, ExitCode.Stream],
  decode: (input) => input.read(readDeletionCounters),
});
