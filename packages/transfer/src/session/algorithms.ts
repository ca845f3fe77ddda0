/**
 * Agreeing on checksums and compression with the peer (spec 1-session, 5.4).
 * @module
 */
import type { ChecksumName } from "@tsrsync/protocol/checksum";
import {
  type Algorithms,
  CF_VARINT_FLIST_FLAGS,
  concludeNegotiation,
  listsToSend,
  type NegotiationInput,
  type NegotiationLists,
  parseChecksumChoice,
  parseCompressChoice,
  readNameList,
  writeNameList,
} from "@tsrsync/protocol/handshake";
import { createWriter, finish, type Writer } from "@tsrsync/protocol/wire";
import {
  type CompressionName,
  compressionLevel,
  isTurnedOff,
  SUPPORTED_COMPRESSIONS,
} from "../compression/index.js";
import type { Input } from "./input.js";
import type { TransferOptions } from "./options.js";
import type { Output } from "./output.js";

/** The strong sums that this implementation knows, strongest first. */
export const SUPPORTED_CHECKSUMS: readonly ChecksumName[] = [
  "xxh128",
  "xxh3",
  "xxh64",
  "md5",
  "md4",
  "sha1",
  "none",
];

/** What is used when nothing is said. */
const PLAIN_COMPRESSIONS: readonly CompressionName[] = ["zlib", "none"];

/** The algorithms that the user allows: `RSYNC_CHECKSUM_LIST` and `RSYNC_COMPRESS_LIST`. */
export interface AlgorithmLists {
  checksum: string | undefined;
  compress: string | undefined;
}

export function algorithmListsOf(
  environment: Readonly<Record<string, string | undefined>>,
): AlgorithmLists {
  return {
    checksum: environment["RSYNC_CHECKSUM_LIST"],
    compress: environment["RSYNC_COMPRESS_LIST"],
  };
}

/** What a session works with. */
export interface SessionAlgorithms {
  transferChecksum: ChecksumName;
  fileChecksum: ChecksumName;
  /** The checksums were chosen by name, not by protocol version. */
  byName: boolean;
  compression: { name: CompressionName; level: number };
  /** What `--debug=nstr` tells a client. */
  debugLines: string[];
}

/** Where the algorithms of a session come from. */
export interface AlgorithmRequest {
  isServer: boolean;
  protocol: number;
  compatFlags: number;
  options: TransferOptions;
  lists: AlgorithmLists | undefined;
  /** A batch is replayed, with which nothing can be negotiated. */
  isReplay: boolean;
  /** A batch is written, which others have to read without negotiation. */
  isRecorded: boolean;
}

/** @throws UnsupportedError (exit 4) for a compression that this process can not do. */
export function checkCompressChoice(choice: string | null): void {
  if (choice !== null) parseCompressChoice(choice, SUPPORTED_COMPRESSIONS);
}

function negotiationInput(request: AlgorithmRequest): NegotiationInput {
  const { isServer, protocol, compatFlags, options, lists } = request;
  const { isReplay, isRecorded } = request;
  const { checksumChoice, compressChoice } = options;
  const checksums = isRecorded ? [protocol >= 30 ? "md5" : "md4"] : SUPPORTED_CHECKSUMS;
  const forcedSum =
    checksumChoice === null ? null : parseChecksumChoice(checksumChoice, SUPPORTED_CHECKSUMS);
  const forcedCompression =
    compressChoice === null ? null : parseCompressChoice(compressChoice, SUPPORTED_COMPRESSIONS);
  return {
    role: isServer ? "server" : "client",
    protocol,
    compatFlags: isReplay ? compatFlags & ~CF_VARINT_FLIST_FLAGS : compatFlags,
    checksum: { supported: checksums, environment: lists?.checksum, forced: forcedSum },
    compress: {
      wanted: options.compress,
      supported: isRecorded ? PLAIN_COMPRESSIONS : SUPPORTED_COMPRESSIONS,
      environment: lists?.compress,
      forced: forcedCompression,
    },
  };
}

/** Writes the lists that are to be sent: each side does so before it reads the peer's, so neither waits for the other. */
export function offerAlgorithms(request: AlgorithmRequest, { writer }: Output): NegotiationLists {
  return offerTo(writer, request);
}

function offerTo(writer: Writer, request: AlgorithmRequest): NegotiationLists {
  const lists = listsToSend(negotiationInput(request));
  if (lists.checksum !== null) writeNameList(writer, lists.checksum);
  if (lists.compress !== null) writeNameList(writer, lists.compress);
  return lists;
}

/** What a client says of algorithms to a server that is known to negotiate, before the session is set up. */
export interface AlgorithmOffer {
  readonly lists: NegotiationLists;
  /** On the wire. */
  readonly bytes: Uint8Array;
}

/** An offer for a session with these options, which is not recorded. */
export function offerAhead(
  protocol: number,
  options: TransferOptions,
  lists: AlgorithmLists,
): AlgorithmOffer {
  const writer = createWriter();
  const offered = offerTo(writer, {
    isServer: false,
    protocol,
    compatFlags: CF_VARINT_FLIST_FLAGS,
    options,
    lists,
    isReplay: false,
    isRecorded: false,
  });
  return { lists: offered, bytes: finish(writer) };
}

/** Reads the peer's lists, once ours (`own`) are written, and concludes. @throws UnsupportedError (exit 4) when there is nothing in common. */
export async function agreeOnAlgorithms(
  request: AlgorithmRequest,
  own: NegotiationLists,
  input: Input,
  output: Output,
): Promise<SessionAlgorithms> {
  const negotiation = negotiationInput(request);
  // The peer needs ours to see for itself that nothing is in common.
  output.flush();
  const peer = await readLists(own, input);
  const algorithms = concludeNegotiation(negotiation, peer);
  const wanted = request.options.compressLevel;
  const agreed = algorithms.compress as CompressionName;
  const name = isTurnedOff(agreed, wanted) ? "none" : agreed;
  const level = compressionLevel(name, wanted);
  return {
    transferChecksum: algorithms.transferChecksum as ChecksumName,
    fileChecksum: algorithms.fileChecksum as ChecksumName,
    byName: own.checksum !== null || negotiation.checksum.forced !== null,
    compression: { name, level },
    debugLines: debugLines(request, negotiation, { own, peer, algorithms, name, level }),
  };
}

/** The peer sends those that are sent to it. */
async function readLists(own: NegotiationLists, input: Input): Promise<NegotiationLists> {
  const checksum =
    own.checksum === null ? null : await input.read((cursor) => readNameList(cursor, "checksum"));
  const compress =
    own.compress === null ? null : await input.read((cursor) => readNameList(cursor, "compress"));
  return { checksum, compress };
}

interface Outcome {
  own: NegotiationLists;
  peer: NegotiationLists;
  algorithms: Algorithms;
  name: CompressionName;
  level: number;
}

/** A server says nothing of this. */
function debugLines(
  { isServer, options }: AlgorithmRequest,
  negotiation: NegotiationInput,
  { own, peer, algorithms, name, level }: Outcome,
): string[] {
  if (isServer || options.debugNegotiation === 0) return [];
  const lines: string[] = [];
  if (options.debugNegotiation > 1) {
    for (const [side, lists] of [
      ["Client", own],
      ["Server", peer],
    ] as const) {
      for (const kind of ["checksum", "compress"] as const) {
        const names = lists[kind];
        if (names !== null) lines.push(`${side} ${kind} list (on client): ${names.join(" ")}`);
      }
    }
  }
  const { transferChecksum, fileChecksum } = algorithms;
  const sums =
    transferChecksum === fileChecksum ? transferChecksum : `${transferChecksum},${fileChecksum}`;
  lines.push(`Client${own.checksum ? " negotiated" : ""} checksum: ${sums}`);
  if (negotiation.compress.wanted) {
    lines.push(`Client${own.compress ? " negotiated" : ""} compress: ${name} (level ${level})`);
  }
  return lines;
}
