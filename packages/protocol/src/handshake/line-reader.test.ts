import fc from "fast-check";
import { expect, test } from "vitest";
import { ProtocolError } from "../errors.js";
import { ArgumentListReader } from "./argument-list-reader.js";
import { LineReader, MAX_AUTH_LINE, MAX_REQUEST_LINE } from "./line-reader.js";

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));
const text = (data: Uint8Array) => Buffer.from(data).toString("latin1");

/** Cuts `data` at the given fractions. */
function cut(data: Uint8Array, places: number[]): Uint8Array[] {
  const at = places.map((place) => Math.floor(place * data.length)).sort((a, b) => a - b);
  return [0, ...at].map((start, i) => data.slice(start, at[i] ?? data.length));
}

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

test("lines come out whole wherever they are cut, and what follows stays", () => {
  const line = fc.string({ unit: fc.constantFrom("a", "\r", "\xff", " "), maxLength: 12 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), cuts, (sent, places) => {
      const reader = new LineReader();
      const got: string[] = [];
      const data = bytes(`${sent.map((each) => `${each}\n`).join("")}\0\x01rest`);
      for (const chunk of cut(data, places)) {
        reader.push(chunk);
        while (got.length < sent.length) {
          const next = reader.next(20);
          if (next === null) break;
          got.push(next);
        }
      }
      expect(got).toEqual(sent.map((each) => each.replaceAll("\r", "")));
      expect(text(reader.rest())).toBe("\0\x01rest");
      expect(reader.rest().length).toBe(0);
    }),
  );
});

test.each([MAX_REQUEST_LINE, MAX_AUTH_LINE])("a line may have %d bytes and no more", (max) => {
  const read = (length: number, end: string) => {
    const reader = new LineReader();
    reader.push(bytes("x".repeat(length) + end));
    return reader.next(max);
  };
  expect(read(max, "\n")?.length).toBe(max);
  expect(read(max, "")).toBeNull();
  expect(() => read(max + 1, "")).toThrow(ProtocolError);
  expect(() => read(max + 1, "\n")).toThrow(ProtocolError);
});

test("endless carriage returns do not fill the memory", () => {
  const reader = new LineReader();
  reader.push(bytes("\r".repeat(21)));
  expect(() => reader.next(10)).toThrow(ProtocolError);
});

test("a NUL in a line is refused before the line is complete", () => {
  const reader = new LineReader();
  reader.push(bytes("abc\0"));
  expect(() => reader.next(100)).toThrow("NUL");
});

test("early input is taken as raw bytes between two lines", () => {
  const reader = new LineReader();
  reader.push(bytes("#early_input=4\n\0\n"));
  expect(reader.next(100)).toBe("#early_input=4");
  expect(reader.take(4)).toBeNull();
  reader.push(bytes("\0\rmod\n"));
  expect(text(reader.take(4)!)).toBe("\0\n\0\r");
  expect(reader.next(100)).toBe("mod");
  reader.push(bytes("exact"));
  expect(text(reader.take(5)!)).toBe("exact");
});

test.each(["nul", "line"] as const)("a %s list comes out whole wherever it is cut", (kind) => {
  const end = kind === "nul" ? "\0" : "\n";
  const argument = fc.string({
    unit: fc.constantFrom("a", "-", "\xff", " "),
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(fc.array(argument, { maxLength: 6 }), cuts, (sent, places) => {
      const reader = new ArgumentListReader(kind);
      const data = bytes(`${sent.map((each) => each + end).join("")}${end}\n\0rest`);
      let got: string[] | null = null;
      for (const chunk of cut(data, places)) {
        reader.push(chunk);
        got ??= reader.next();
      }
      expect(got).toEqual(sent);
      expect(text(reader.rest())).toBe("\n\0rest");
    }),
  );
});

test("before protocol 30 a carriage return ends an argument, and a NUL is refused", () => {
  const reader = new ArgumentListReader("line");
  reader.push(bytes("--server\r.\rmod/\n\n"));
  expect(reader.next()).toEqual(["--server", ".", "mod/"]);
  const hostile = new ArgumentListReader("line");
  hostile.push(bytes("a\0"));
  expect(() => hostile.next()).toThrow(ProtocolError);
});

test("an argument may have 5119 bytes and no more", () => {
  const read = (length: number) => {
    const reader = new ArgumentListReader("nul");
    reader.push(bytes("x".repeat(length)));
    return reader.next();
  };
  expect(read(5119)).toBeNull();
  expect(() => read(5120)).toThrow("argument: expected at most 5119 bytes");
});

test("a list may have 15,998 arguments and no more", () => {
  const read = (count: number) => {
    const reader = new ArgumentListReader("nul");
    reader.push(bytes(`${"a\0".repeat(count)}\0`));
    return reader.next()?.length;
  };
  expect(read(15_998)).toBe(15_998);
  expect(() => read(15_999)).toThrow("too many daemon arguments");
});

test("a list is bounded as a whole", () => {
  const reader = new ArgumentListReader("nul", { maxTotalBytes: 10 });
  reader.push(bytes("12345\x00123456\0"));
  expect(() => reader.next()).toThrow("expected at most 10 bytes");
});
