import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLines } from "./lines.js";

/** The lines of the chunks, and why reading ended. */
function read(chunks: readonly Buffer[], maxBytes: number): { lines: string[]; refused: string[] } {
  const stream = new PassThrough();
  const lines: string[] = [];
  const refused: string[] = [];
  readLines(
    stream as unknown as Socket,
    maxBytes,
    (line) => lines.push(line),
    (reason) => refused.push(reason),
  );
  for (const chunk of chunks) stream.emit("data", chunk);
  return { lines, refused };
}

describe("lines over a stream", () => {
  it("are the same wherever the stream is cut, also inside of a character", () => {
    const cuts = fc.array(fc.nat(200), { maxLength: 10 });
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), cuts, (texts, places) => {
        const whole = texts.map((text) => text.replaceAll("\n", " "));
        const bytes = Buffer.from(whole.map((text) => `${text}\n`).join(""));
        const ends = [0, ...places.filter((at) => at < bytes.length).sort((a, b) => a - b)];
        const chunks = ends.map((at, index) => bytes.subarray(at, ends[index + 1] ?? bytes.length));
        const sane = whole.map((text) => Buffer.from(text).toString());
        expect(read(chunks, 10_000)).toEqual({ lines: sane, refused: [] });
      }),
    );
  });

  it("end where one is too long, once, whether or not its end has come", () => {
    const long = Buffer.from(`ok\n${"x".repeat(11)}`);
    for (const chunks of [
      [long],
      [Buffer.concat([long, Buffer.from("\nlater\n")])],
      [long, long],
    ]) {
      const { lines, refused } = read(chunks, 10);
      expect(lines).toEqual(["ok"]);
      expect(refused).toEqual(["line of more than 10 bytes"]);
    }
  });
});
