/**
 * The captured sessions of docs/protocol/vectors/transfer, for tests that replay them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Duplex } from "node:stream";
import { decodeFrameHeader, FRAME_HEADER, MessageCode } from "@tsrsync/protocol/wire";
import { defaultTransferOptions, type TransferOptions } from "../session/options.js";
import type { FileTime } from "../tree/file-tree.js";
import { MemoryTree } from "../tree/index.js";

const VECTORS = new URL("../../../../docs/protocol/vectors/transfer/", import.meta.url);

export const SOURCE_TIME: FileTime = { seconds: 1_700_000_000, nanoseconds: 0 };
export const BEFORE_TIME: FileTime = { seconds: 1_600_000_000, nanoseconds: 0 };

export interface Vector {
  protocol: number;
  direction: string;
  clientOptions: string[];
  serverCommand: string[];
  compress: string;
}

/** A connection on which the peer has said everything already; what we say is kept. */
export class Recording extends Duplex {
  readonly said: Buffer[] = [];
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    super();
    this.#bytes = bytes;
  }

  override _read(): void {
    this.push(this.#bytes);
    this.push(null);
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.said.push(Buffer.from(chunk));
    done();
  }
}

/** The joined payloads of the DATA frames from `offset` on; without frames just the bytes. */
export function payload(bytes: Buffer, framed: boolean): string {
  if (!framed) return bytes.toString("hex");
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { code, length } = decodeFrameHeader(bytes, at);
    at += FRAME_HEADER;
    if (code === MessageCode.Data) parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  return Buffer.concat(parts).toString("hex");
}

export function treeOf(directory: URL, time: FileTime): MemoryTree {
  const tree = new MemoryTree();
  if (!existsSync(directory)) return tree;
  for (const name of readdirSync(directory)) {
    const file = tree.openForUpdate(name, 0o644);
    file.write(readFileSync(new URL(name, directory)));
    file.close();
    tree.setMode(name, 0o644);
    tree.setTimes(name, null, time);
  }
  return tree;
}

export function optionsOf({ clientOptions }: Vector): TransferOptions {
  const options = defaultTransferOptions();
  options.times = true;
  for (const word of clientOptions) {
    if (word.startsWith("-B")) options.blockSize = Number(word.slice(2));
    if (word.startsWith("--checksum-seed=")) options.checksumSeed = Number(word.slice(16));
    if (word === "-tn") options.dryRun = true;
    if (word === "-z") options.compress = true;
    if (word.startsWith("--compress-choice=")) options.compressChoice = word.slice(18);
  }
  return options;
}

/** How long the unframed beginning of each direction is, version ints included. */
export function setUpLengths(protocol: number): { client: number; server: number } {
  if (protocol < 30) return { client: 4, server: 8 };
  if (protocol === 30) return { client: 4, server: 9 };
  return { client: 35, server: 46 };
}

export const capabilitiesOf = ({ serverCommand }: Vector): string =>
  /e(\.[A-Za-z]*)$/.exec(serverCommand.find((word) => /^-\w*e\./.test(word)) ?? "")?.[1] ?? "";

export interface Capture {
  directory: URL;
  vector: Vector;
  clientToServer: Buffer;
  serverToClient: Buffer;
}

export function loadCapture(name: string): Capture {
  const directory = new URL(`${name}/`, VECTORS);
  const vector = JSON.parse(readFileSync(new URL("vector.json", directory), "utf8")) as Vector;
  const clientToServer = readFileSync(new URL("client-to-server.bin", directory));
  const serverToClient = readFileSync(new URL("server-to-client.bin", directory));
  return { directory, vector, clientToServer, serverToClient };
}
