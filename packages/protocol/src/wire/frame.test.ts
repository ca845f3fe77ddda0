import { expect, test } from "vitest";
import { StreamError } from "../errors.js";
import { decodeFrameHeader, MAX_MESSAGE_PAYLOAD, MessageCode, storeFrameHeader } from "./frame.js";

const header = (code: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  storeFrameHeader(bytes, 0, code as MessageCode, length);
  return bytes;
};

test("a header carries its code and the full 24 bits of length", () => {
  expect(Buffer.from(header(MessageCode.Data, 0x18)).toString("hex")).toBe("18000007");
  expect(decodeFrameHeader(header(MessageCode.Data, 0xffffff), 0)).toEqual({
    code: 0,
    length: 0xffffff,
  });
  expect(decodeFrameHeader(header(MessageCode.ErrorExit, 4), 0)).toEqual({ code: 86, length: 4 });
});

test.each([5, 6, 7, 8, 9, 10, 20, 21, 50, 200])("code %d never comes from a peer", (code) => {
  expect(() => decodeFrameHeader(header(code, 0), 0)).toThrow(StreamError);
});

test("a header byte below the base is refused", () => {
  expect(() => decodeFrameHeader(Uint8Array.of(0, 0, 0, 6), 0)).toThrow(StreamError);
});

test.each([
  [MessageCode.Info, MAX_MESSAGE_PAYLOAD],
  [MessageCode.Deleted, 0xffffff],
  [MessageCode.IoError, 5],
  [MessageCode.IoTimeout, 0],
  [MessageCode.NoSend, 3],
  [MessageCode.Success, 8],
  [MessageCode.Noop, 1],
  [MessageCode.ErrorExit, 2],
])("code %d with length %d is refused before its payload is read", (code, length) => {
  expect(() => decodeFrameHeader(header(code, length), 0)).toThrow(StreamError);
});
