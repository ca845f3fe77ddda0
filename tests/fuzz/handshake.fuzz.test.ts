/** The text phase of a daemon connection, arguments, and the binary set-up. */
import { ExitCode } from "@tsrsync/protocol";
import { parseServerRequest } from "@tsrsync/protocol/arguments";
import {
  ArgumentListReader,
  advertisedProtocol,
  checkCompatFlags,
  chooseDigest,
  compatFlagsForClient,
  concludeNegotiation,
  DIGEST_NAMES,
  LineReader,
  MAX_REQUEST_LINE,
  negotiateProtocol,
  parseAuthReply,
  parseDaemonReply,
  parseDaemonRequest,
  parseGreeting,
  parseModuleLine,
  readCompatFlags,
  readNameList,
} from "@tsrsync/protocol/handshake";
import { decodeByteString, readInt } from "@tsrsync/protocol/wire";
import { type FuzzTarget, fuzzDecoder, seedsOf } from "./fuzz-decoder.js";
import { Random } from "./random.js";
import { sessionStreams } from "./vectors.js";

const GREETINGS = seedsOf(
  "@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4",
  "@RSYNCD: 31.14",
  "@RSYNCD: 29",
  "@RSYNCD: 4294967296.99999999999999999999",
);

for (const role of ["client", "server"] as const) {
  fuzzDecoder({
    name: `greeting as the ${role} reads it`,
    seeds: GREETINGS,
    exitCodes: [ExitCode.StartClient, ExitCode.Protocol, ExitCode.Unsupported],
    decode({ bytes }) {
      const greeting = parseGreeting(decodeByteString(bytes), role);
      const protocol = negotiateProtocol({ version: 32, sub: 0 }, greeting);
      return [greeting, protocol, chooseDigest(role, DIGEST_NAMES, greeting.digests, protocol)];
    },
  });
}

const texts: Record<string, { parse: (text: string) => unknown; seeds: string[] }> = {
  "request line": {
    parse: parseDaemonRequest,
    seeds: ["", "#list", "module", "#early_input=5120", "#early_input=-1", "#nonsense"],
  },
  "reply of a daemon": {
    parse: parseDaemonReply,
    seeds: ["@RSYNCD: OK", "@RSYNCD: EXIT", "@RSYNCD: AUTHREQD abcdef", "@ERROR: no", "hello"],
  },
  "line of a module list": {
    parse: parseModuleLine,
    seeds: ["name           \tcomment", "a very long name of a module\t", "\t", "text"],
  },
  "login reply": { parse: parseAuthReply, seeds: ["user response", "user", " ", "a b c"] },
  "capability string": {
    parse: (text) => [
      advertisedProtocol({ version: 32, sub: 0 }, text),
      compatFlagsForClient(text, { incRecurse: true, symlinkTimes: true, symlinkIconv: false }),
    ],
    seeds: [".iLsfxCIvu", "31.14iLsf", "99999.99999", "..", "e."],
  },
};

for (const [name, { parse, seeds }] of Object.entries(texts)) {
  fuzzDecoder({
    name,
    seeds: seedsOf(...seeds),
    exitCodes: [ExitCode.StartClient],
    decode: ({ bytes }) => parse(decodeByteString(bytes)),
  });
}

/** The input in chunks of all sizes. */
function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  const random = new Random(bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random.below(40);
    yield bytes.slice(at, end);
    at = end;
  }
}

fuzzDecoder({
  name: "lines of the text phase",
  seeds: [
    ...seedsOf("a\nb\r\n\n", `${"x".repeat(MAX_REQUEST_LINE)}\n`, "\r".repeat(2100), "a\0b\n"),
  ].concat(sessionStreams().map((bytes) => bytes.subarray(0, 400))),
  exitCodes: [ExitCode.Protocol],
  decode({ bytes }) {
    const reader = new LineReader();
    const lines: string[] = [];
    for (const chunk of chunksOf(bytes)) {
      reader.push(chunk);
      for (let line = reader.next(MAX_REQUEST_LINE); line !== null; ) {
        lines.push(line);
        line = reader.next(MAX_REQUEST_LINE);
      }
    }
    return lines;
  },
});

const ARGUMENTS = [
  "--server\0-vlogDtpre.iLsfxCIvu\0.\0module/\0\0",
  "--server\0--sender\0-logDtprze.iLsfxCIvu\0--delete\0--timeout=5\0.\0m/a b\0m/[x]*\0\0",
  "--server\0-s\0.\0\0rsync\0-r\0--bwlimit=1g\0.\0x\0\0",
  "--server\0--max-size=18446744073709551616\0--block-size=-1\0--modify-window=1e99\0.\0m\0\0",
  "--server\0-e\0--files-from=-\0--from0\0--log-format=%i%n%L\0--compress-level=99\0.\0m\0\0",
  "--server\0--backup-dir=../x\0--suffix=/../y\0--partial-dir=/\0--temp-dir=..\0.\0m\0\0",
  "--server\0--usermap=0-4294967295:root,*:nobody\0--chmod=u=rwX,go-w\0--chown=:x\0.\0m\0\0",
];

for (const terminator of ["nul", "line"] as const) {
  fuzzDecoder({
    name: `list of arguments that end with ${terminator}`,
    seeds: seedsOf(
      ...ARGUMENTS.map((text) => (terminator === "nul" ? text : text.replaceAll("\0", "\n"))),
      `${"v".repeat(5200)}\0\0`,
    ),
    exitCodes: [ExitCode.Protocol],
    decode({ bytes }) {
      const reader = new ArgumentListReader(terminator);
      let list: string[] | null = null;
      for (const chunk of chunksOf(bytes)) {
        reader.push(chunk);
        list ??= reader.next();
      }
      return list;
    },
  });
}

const words = (text: string) => text.split("\0").filter((word) => word !== "");

for (const fromDaemonClient of [true, false]) {
  const target: FuzzTarget = {
    name: `request to a server ${fromDaemonClient ? "by a daemon's client" : "over a remote shell"}`,
    seeds: seedsOf(...ARGUMENTS),
    exitCodes: [ExitCode.Usage, ExitCode.Protocol, ExitCode.Unsupported],
    decode({ bytes }) {
      const [first, second] = decodeByteString(bytes).split("\0\0", 2);
      const options = { fromDaemonClient };
      const request = parseServerRequest(words(first!), null, options);
      if (!request.settings.secludedArgs || second === undefined) return request;
      return parseServerRequest(words(first!), words(second), options);
    },
  };
  fuzzDecoder(target);
}

const NAMES = ["xxh128", "xxh3", "xxh64", "md5", "md4", "sha1", "none"];

for (const role of ["client", "server"] as const) {
  fuzzDecoder({
    name: `set-up of a session as the ${role} reads it`,
    seeds: seedsOf(
      "\x81\xfe\x1exxh128 xxh3 xxh64 md5 md4 sha1\x0dzstd lz4 zlibx\x44\x33\x22\x11",
      "\x80\x80\x03md5\x04none\0\0\0\0",
      "\x00\x07INVALID\x07INVALID\xff\xff\xff\xff",
    ),
    exitCodes: [ExitCode.Usage, ExitCode.Protocol, ExitCode.Unsupported, ExitCode.Stream],
    decode(input) {
      const compatFlags = input.read(readCompatFlags);
      if (role === "client") checkCompatFlags(compatFlags, ".iLsfxCIvu", false);
      const checksum = input.read((cursor) => readNameList(cursor, "checksum"));
      const compress = input.read((cursor) => readNameList(cursor, "compress"));
      const algorithms = concludeNegotiation(
        {
          role,
          protocol: 32,
          compatFlags,
          checksum: { supported: NAMES, forced: null },
          compress: { wanted: true, supported: ["zlibx", "zlib", "none"], forced: null },
        },
        { checksum, compress },
      );
      return [algorithms, input.read(readInt)];
    },
  });
}
