import fc from "fast-check";
import { expect, test } from "vitest";
import { visitEvents } from "./events.js";

type Event = [watch: number, mask: number, cookie: number, name: string];

/** As the kernel writes one: names end with at least one zero, and are padded to a multiple of 16. */
function encode([watch, mask, cookie, name]: Event): Buffer {
  const length = name === "" ? 0 : Math.ceil((name.length + 1) / 16) * 16;
  const bytes = Buffer.alloc(16 + length);
  bytes.writeInt32LE(watch, 0);
  bytes.writeUInt32LE(mask, 4);
  bytes.writeUInt32LE(cookie, 8);
  bytes.writeUInt32LE(length, 12);
  bytes.write(name, 16, "latin1");
  return bytes;
}

function decode(bytes: Uint8Array): Event[] {
  const events: Event[] = [];
  const end = visitEvents(
    bytes,
    0,
    (...event) => events.push(event),
    () => true,
  );
  expect(end).toBe(bytes.length);
  return events;
}

const BYTE = fc.integer({ min: 1, max: 255 }).map((byte) => String.fromCharCode(byte));
const EVENT = fc.tuple(
  fc.integer({ min: -1, max: 2 ** 31 - 1 }),
  fc.nat(2 ** 32 - 1),
  fc.nat(2 ** 32 - 1),
  fc.string({ unit: BYTE, maxLength: 255 }),
);

test("what the kernel writes is read, whatever the names", () => {
  fc.assert(
    fc.property(fc.array(EVENT, { maxLength: 80 }), (events) => {
      expect(decode(Buffer.concat(events.map(encode)))).toEqual(events);
    }),
  );
});

test("reading stops where it is told to, and goes on there", () => {
  const events: Event[] = Array.from({ length: 100 }, (_, at) => [at, 2, 0, `name ${at}`]);
  const bytes = Buffer.concat(events.map(encode));
  const read: Event[] = [];
  let rounds = 0;
  for (let at = 0; at < bytes.length; rounds++) {
    at = visitEvents(
      bytes,
      at,
      (...event) => read.push(event),
      () => false,
    );
  }
  expect(read).toEqual(events);
  expect(rounds).toBeGreaterThan(1);
});

test("what is cut off is refused", () => {
  const bytes = encode([1, 2, 0, "name"]);
  for (const length of [1, 15, 17, 31]) {
    expect(() => decode(bytes.subarray(0, length))).toThrow(RangeError);
  }
});
