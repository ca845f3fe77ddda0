/** Filter rules: as a client sends them, in files, and what patterns cost. */
import { ExitCode } from "@tsrsync/protocol";
import { compileWildcard, FilterListReader, RuleParser, wildmatch } from "@tsrsync/protocol/filter";
import { decodeByteString } from "@tsrsync/protocol/wire";
import { fuzzDecoder, seedsOf } from "./fuzz-decoder.js";

const RULES = [
  "- *.o",
  "+ /k/***",
  "P keep.me",
  "H secret",
  ": .rsync-filter",
  ".e /etc/x",
  "dir-merge,n-w .f",
  "!",
  "-! */",
  "-C",
  "+s,r x",
  "-p [a-z[:alpha:]]*\\",
  "exclude a/**/b?",
];

const listOf = (...rules: string[]): Uint8Array => {
  const parts = rules.map((text) => {
    const length = Buffer.alloc(4);
    length.writeInt32LE(text.length);
    return Buffer.concat([length, Buffer.from(text, "latin1")]);
  });
  return Buffer.concat([...parts, Buffer.alloc(4)]);
};

for (const protocol of [28, 29, 32]) {
  fuzzDecoder({
    name: `filter list of protocol ${protocol}`,
    seeds: [listOf(...RULES), ...RULES.map((rule) => listOf(rule)), listOf("x".repeat(5119))],
    exitCodes: [ExitCode.Usage, ExitCode.Protocol, ExitCode.FileIo, ExitCode.OutOfMemory],
    decode(input) {
      const reader = new FilterListReader(protocol);
      while (input.read((cursor) => reader.readRule(cursor)));
      return reader.rules;
    },
  });
}

fuzzDecoder({
  name: "rule file",
  seeds: seedsOf(
    RULES.join("\n"),
    `# comment\r\n\n; more\n${RULES.join("\r\n")}`,
    ". self\n. self\n",
  ),
  exitCodes: [ExitCode.Usage, ExitCode.Protocol, ExitCode.FileIo],
  // A file that names itself is read anew up to the limits.
  allowance: 1 << 28,
  decode({ bytes }) {
    const parser = new RuleParser({ readFile: (name) => (name === "self" ? bytes : null) });
    parser.addRule(". self");
    return parser.rules.length;
  },
});

fuzzDecoder({
  name: "pattern and name",
  seeds: seedsOf(
    "*a*a*a*a*a*a*a*b\0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "**a**/**a**/b\0a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a",
    "[[:alpha:]-z][!a-][]]\\*?\0abc*d",
  ),
  exitCodes: [],
  decode({ bytes }) {
    const [pattern, name] = decodeByteString(bytes).split("\0", 2);
    return wildmatch(compileWildcard(pattern!), name ?? "");
  },
});
