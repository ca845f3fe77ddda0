/**
 * The golden captures of docs/protocol/vectors as seeds.
 */
import { readdirSync, readFileSync } from "node:fs";
import { decodeFrameHeader, FRAME_HEADER, MessageCode } from "@tsrsync/protocol/wire";

const VECTORS = new URL("../../docs/protocol/vectors/", import.meta.url);

/** What we need to know of a capture of a file list. */
export interface ListVector {
  name: string;
  protocol: number;
  compatFlags: number;
  /** The letters of the server's options. */
  letters: string;
  deleteMissingArgs: boolean;
  /** What the sender said after the handshake, without frames and messages. */
  bytes: Uint8Array;
}

interface Golden {
  protocol: number;
  compat_flags: string;
  sender: "client" | "server";
  server_args: string[];
  c2s_payload_offset: number;
  s2c_payload_offset: number;
  c2s_multiplexed: boolean;
  s2c_multiplexed: boolean;
  filter_rules: string[] | null;
}

/** The payloads of all DATA frames, joined. */
export function withoutFrames(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at + FRAME_HEADER <= bytes.length; ) {
    const { code, length } = decodeFrameHeader(bytes, at);
    at += FRAME_HEADER;
    if (code === MessageCode.Data) parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  return Buffer.concat(parts);
}

/** The file lists of all captures, without the filter list that may come before. */
export function listVectors(): ListVector[] {
  const folder = new URL("file-list/", VECTORS);
  const names = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return names.map((file) => {
    const name = file.slice(0, -".json".length);
    const golden = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Golden;
    const direction = golden.sender === "server" ? "s2c" : "c2s";
    const all = readFileSync(new URL(`${name}.${direction}.bin`, folder));
    const payload = all.subarray(golden[`${direction}_payload_offset`]);
    const bytes = golden[`${direction}_multiplexed`] ? withoutFrames(payload) : payload;
    const args = golden.server_args;
    return {
      name,
      protocol: golden.protocol,
      compatFlags: Number(golden.compat_flags),
      letters: (args.find((arg) => /^-[a-z]/i.test(arg)) ?? "").split("e")[0]!,
      deleteMissingArgs: args.includes("--delete-missing-args"),
      bytes: golden.sender === "client" ? withoutFilters(bytes, golden.filter_rules) : bytes,
    };
  });
}

/** A client that sends the list sends its filter rules first, if any. */
function withoutFilters(bytes: Uint8Array, rules: string[] | null): Uint8Array {
  if (rules === null) return bytes;
  const view = Buffer.from(bytes);
  let at = 0;
  for (let length = view.readInt32LE(at); length > 0; length = view.readInt32LE(at)) {
    at += 4 + length;
  }
  return view.subarray(at + 4);
}

/** All captured streams of whole sessions, as they were on the wire. */
export function sessionStreams(): Uint8Array[] {
  const folder = new URL("session/", VECTORS);
  const names = readdirSync(folder).filter((file) => file.endsWith(".bin"));
  return names.map((file) => readFileSync(new URL(file, folder)));
}
