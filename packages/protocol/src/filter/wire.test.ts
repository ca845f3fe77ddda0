import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtocolError, RsyncError } from "../errors.js";
import { createCursor, UNDERFLOW } from "../wire/index.js";
import { cvsExcludeRules, PLAIN_CVS_IGNORE } from "./cvs.js";
import { FilterListReader } from "./filter-list-reader.js";
import type { Rule } from "./rule.js";
import { RuleParser } from "./rule-parser.js";
import { encodeFilterList, type FilterListContext, formatFilterList } from "./wire.js";

const VECTORS = new URL("../../../../docs/protocol/vectors/file-list/", import.meta.url);

const PUSH: FilterListContext = {
  protocol: 32,
  clientIsSender: true,
  deletes: true,
  deleteExcluded: false,
  pruneEmptyDirs: false,
};
const PULL: FilterListContext = { ...PUSH, clientIsSender: false };

function rulesOf(texts: readonly string[], deleteExcluded = false): Rule[] {
  const parser = new RuleParser({ deleteExcluded });
  for (const text of texts) parser.addRule(text);
  return parser.rules;
}

function decode(bytes: Uint8Array, protocol = 32): readonly Rule[] {
  const reader = new FilterListReader(protocol);
  const cursor = createCursor(bytes);
  while (reader.readRule(cursor));
  expect(cursor.offset).toBe(bytes.length);
  return reader.rules;
}

/** The filter list of a captured push, out of the client's bytes (multiplexed in protocol 30 and later). */
function captured(name: string): { protocol: number; texts: string[]; bytes: Uint8Array } {
  const vector = JSON.parse(readFileSync(new URL(`${name}.json`, VECTORS), "utf8"));
  const stream = readFileSync(new URL(`${name}.c2s.bin`, VECTORS));
  const start: number = vector.c2s_payload_offset + (vector.c2s_multiplexed ? 4 : 0);
  let end = start;
  while (stream.readInt32LE(end) !== 0) end += 4 + stream.readInt32LE(end);
  return {
    protocol: vector.protocol,
    texts: vector.filter_rules,
    bytes: stream.subarray(start, end + 4),
  };
}

describe("the captured lists", () => {
  const modern = ["- *.o", "+ /k/***", "P keep.me", "H secret"];
  test.each([
    ["p32-push-delete", modern],
    ["p29-push-delete", modern],
    ["p28-push-delete", ["- *.o"]],
  ])("%s is written to the byte and read back", (name, options) => {
    const { protocol, texts, bytes } = captured(name);
    const context = { ...PUSH, protocol };
    expect(formatFilterList(rulesOf(options), [], context)).toEqual(texts);
    expect(encodeFilterList(rulesOf(options), [], context)).toEqual(new Uint8Array(bytes));
    expect(formatFilterList(decode(bytes, protocol), [], context)).toEqual(texts);
  });
});

// Observed with rsync 3.5.0 as a client.
test.each([
  [
    ["H a", "P b", "-sr c", "- d"],
    ["-r b", "-sr c", "- d"],
    ["-s a", "-sr c", "- d"],
  ],
  [
    [":e .r", ":s .q", ":r .t"],
    ["- .r", ": .r", ":r .t"],
    ["- .r", ": .r", ":s .q"],
  ],
  [[": /.rsync-filter", "- .rsync-filter"], [": /.rsync-filter", "- .rsync-filter"], null],
  [
    ["-rp a", "-sp b", "-px!/ c"],
    ["-rp a", "-/!xp c"],
    ["-sp b", "-/!xp c"],
  ],
  [[":n- a", ":-w b", ":Cs c", ":C", ":p d"], [":n- a", ":w- b", ":C .cvsignore", ":p d"], null],
] as const)("of %j a push sends %j", (rules, push, pull) => {
  expect(formatFilterList(rulesOf(rules), [], PUSH)).toEqual(push);
  if (pull) expect(formatFilterList(rulesOf(rules), [], PULL)).toEqual(pull);
});

test("with --delete-excluded only rules that name the receiver, and full rule files, go to it", () => {
  const texts = [":- .r2", ": .r", ":C", "-C", "- x", "P y", "-sr z"];
  const late = { ...PUSH, deleteExcluded: true };
  for (const rules of [rulesOf(texts), rulesOf(texts, true)]) {
    expect(formatFilterList(rules, [], late)).toEqual([": .r", "-r y", "-sr z"]);
  }
  expect(formatFilterList(rulesOf(texts, true), [], { ...late, clientIsSender: false })).toEqual([
    ":- .r2",
    ": .r",
    ":C .cvsignore",
    "-Cs ",
    "-s x",
    "-sr z",
  ]);
});

describe("-C", () => {
  const sent = (context: FilterListContext) =>
    formatFilterList(
      [],
      cvsExcludeRules({ ...PLAIN_CVS_IGNORE, perishable: context.protocol >= 30 }),
      context,
    );

  test("is left to a server that sends", () => expect(sent(PULL)).toEqual([]));

  test("goes to a server that receives, rule by rule", () => {
    expect(sent(PUSH).slice(0, 3)).toEqual([":C .cvsignore", "-p RCS", "-p SCCS"]);
    expect(sent({ ...PUSH, protocol: 29 }).slice(0, 2)).toEqual([":C .cvsignore", "- RCS"]);
    expect(sent({ ...PUSH, protocol: 28 }).slice(-2)).toEqual([".hg/", ".bzr/"]);
    expect(sent({ ...PUSH, protocol: 28 })).toHaveLength(36);
    expect(sent({ ...PUSH, deleteExcluded: true })).toEqual([]);
  });

  test("as a rule is sent as it is to a server that sends, else expanded", () => {
    const rules = rulesOf(["-C"]);
    expect(formatFilterList(rules, [], PULL)).toEqual(["-C "]);
    expect(formatFilterList(rules, [], PUSH)).toHaveLength(36);
    expect(formatFilterList(rules, [], { ...PULL, protocol: 28 })[0]).toBe("RCS");
  });
});

describe("old protocols", () => {
  test("protocol 28 has bare patterns", () => {
    const rules = rulesOf(["- x", "+ y", "- - z", "- + z", "+ - z", "- x/", "- -z", "- !"]);
    const texts = ["x", "+ y", "- - z", "- + z", "+ - z", "x/", "-z", "- !"];
    for (const context of [PUSH, PULL]) {
      expect(formatFilterList(rules, [], { ...context, protocol: 28 })).toEqual(texts);
    }
    const bytes = encodeFilterList(rules, [], { ...PUSH, protocol: 28 });
    expect(decode(bytes!, 28)).toEqual(rules);
  });

  test.each([
    ["-! x", 28, "both"],
    ["-/ x", 28, "both"],
    ["-x x", 28, "both"],
    [": x", 28, "both"],
    [":C", 28, "both"],
    ["-p x", 28, "push"],
    ["-p x", 29, "push"],
    [":p x", 29, "push"],
    ["-C", 28, "push"],
    ["-C", 29, "push"],
    ["-ps x", 28, "none"],
    ["P x", 28, "none"],
    ["H x", 28, "none"],
  ])("%s is too modern for protocol %d: %s", (rule, protocol, when) => {
    const send = (context: FilterListContext) => () =>
      encodeFilterList(rulesOf([rule]), [], { ...context, protocol, deletes: false });
    const isTooModern = (context: FilterListContext) => {
      try {
        send(context)();
        return false;
      } catch (thrown) {
        expect((thrown as RsyncError).exitCode).toBe(2);
        expect(thrown).toEqual(new RsyncError(2, "filter rules are too modern for remote rsync."));
        return true;
      }
    };
    expect([isTooModern(PUSH), isTooModern(PULL)]).toEqual([when !== "none", when === "both"]);
  });

  test("protocol 28 can not protect from --delete-excluded", () => {
    const context = { ...PUSH, protocol: 28, deleteExcluded: true };
    expect(() => encodeFilterList(rulesOf(["P x"]), [], context)).toThrow("too modern");
    expect(encodeFilterList(rulesOf(["- x", "H y"]), [], context)).toBeNull();
  });
});

test.each([
  [{ ...PULL, deletes: false }, true],
  [PUSH, true],
  [{ ...PUSH, deletes: false }, false],
  [{ ...PUSH, deletes: false, pruneEmptyDirs: true }, true],
  [{ ...PUSH, deleteExcluded: true }, true],
  [{ ...PUSH, deleteExcluded: true, protocol: 28 }, false],
])("for %j the list is sent: %s", (context, isSent) => {
  const bytes = encodeFilterList([], [], context);
  expect(bytes).toEqual(isSent ? new Uint8Array(4) : null);
});

describe("reading", () => {
  const rule = fc
    .record({
      type: fc.constantFrom("-", "+"),
      modifiers: fc.subarray(["/", "!", "x", "s", "r", "p"]),
      pattern: fc.string({
        unit: fc.constantFrom(..."a/*[]!-+ _\xe9"),
        minLength: 1,
        maxLength: 20,
      }),
    })
    .map(({ type, modifiers, pattern }) => `${type}${modifiers.join("")} ${pattern}`);

  test("any list survives a round trip, and every prefix of it underflows", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), (texts) => {
        const rules = rulesOf(texts).filter(({ side }) => side !== "receiver");
        const bytes = encodeFilterList(rules, [], PULL)!;
        expect(decode(bytes)).toEqual(rules);
        for (let cut = 0; cut < bytes.length; cut++) {
          expect(() => decode(bytes.subarray(0, cut))).toThrow(UNDERFLOW);
        }
      }),
    );
  });

  test("a rule that is not complete leaves no trace, so that cuts do not matter", () => {
    const bytes = encodeFilterList(rulesOf(["- a", "+ b"]), [], PULL)!;
    const reader = new FilterListReader(32);
    const cursor = createCursor(bytes);
    for (cursor.end = 0; cursor.end < bytes.length; cursor.end++) {
      const start = cursor.offset;
      try {
        reader.readRule(cursor);
      } catch (thrown) {
        expect(thrown).toBe(UNDERFLOW);
        cursor.offset = start;
      }
    }
    expect(reader.readRule(cursor)).toBe(false);
    expect(reader.rules).toEqual(rulesOf(["- a", "+ b"]));
  });

  const withLength = (length: number, text = ""): Uint8Array => {
    const bytes = Buffer.alloc(4 + text.length);
    bytes.writeInt32LE(length);
    bytes.write(text, 4, "latin1");
    return new Uint8Array(bytes);
  };

  test.each([-1, 5120, 0x7fffffff])(
    "a length of %d is refused before anything is read",
    (length) => {
      const read = () => new FilterListReader(32).readRule(createCursor(withLength(length)));
      expect(read).toThrow(ProtocolError);
      expect(read).toThrow(expect.objectContaining({ exitCode: 22 }));
    },
  );

  test("the longest rule is read", () => {
    const bytes = withLength(5119, `-${"/".repeat(5116)} a`);
    const reader = new FilterListReader(32);
    expect(reader.readRule(createCursor(bytes))).toBe(true);
    expect(reader.rules).toHaveLength(1);
  });

  test.each([
    ["zz", 1, "Unknown filter rule: zz"],
    [". /etc/passwd", 11, "failed to open exclude file /etc/passwd"],
  ])("the bad rule %s is a ProtocolError with exit code %d", (text, exitCode, message) => {
    const read = () =>
      new FilterListReader(32).readRule(createCursor(withLength(text.length, text)));
    expect(read).toThrow(ProtocolError);
    expect(read).toThrow(expect.objectContaining({ exitCode }));
    expect(read).toThrow(message);
  });

  test("protocol 28 knows prefixes and a lone !, later protocols all of the syntax", () => {
    const read = (protocol: number, ...texts: string[]) => {
      const reader = new FilterListReader(protocol);
      for (const text of texts) reader.readRule(createCursor(withLength(text.length, text)));
      return formatFilterList(reader.rules, [], PULL);
    };
    expect(read(28, "a", "!", "b", "+ c", "- d", "-s e", "!f")).toEqual([
      "- b",
      "+ c",
      "- d",
      "- -s e",
      "- !f",
    ]);
    expect(read(29, "- a", "clear", "hide,p b", "include c")).toEqual(["-sp b", "+ c"]);
  });

  test("hostile bytes give rules, an underflow or a ProtocolError", () => {
    const text = fc.uint8Array({ maxLength: 60 });
    const framed = fc
      .array(text, { maxLength: 5 })
      .map((texts) =>
        Buffer.concat(texts.map((t) => withLength(t.length, Buffer.from(t).toString("latin1")))),
      );
    fc.assert(
      fc.property(fc.oneof(text, framed), fc.constantFrom(28, 29, 32), (bytes, protocol) => {
        const reader = new FilterListReader(protocol);
        const cursor = createCursor(bytes);
        try {
          while (reader.readRule(cursor));
        } catch (thrown) {
          if (thrown !== UNDERFLOW) expect(thrown).toBeInstanceOf(ProtocolError);
        }
        expect(reader.rules.length).toBeLessThanOrEqual(5);
      }),
      { numRuns: 2000 },
    );
  });
});
