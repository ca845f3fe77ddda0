/**
 * The binary set-up of a session, after which both sides know protocol, algorithms and seed (spec 1-session, 5).
 * @module
 */
import { UnsupportedError } from "@tsrsync/protocol";
import { encodeBatchSession } from "@tsrsync/protocol/batch";
import { type HashStream, loadListHash, loadStrongSum } from "@tsrsync/protocol/checksum";
import {
  CF_CHKSUM_SEED_FIX,
  CF_VARINT_FLIST_FLAGS,
  checkCompatFlags,
  compatFlagsForClient,
  type NegotiationLists,
  readCompatFlags,
  writeCompatFlags,
} from "@tsrsync/protocol/handshake";
import { readInt, writeInt } from "@tsrsync/protocol/wire";
import type { Compression } from "../compression/index.js";
import {
  type AlgorithmLists,
  agreeOnAlgorithms,
  offerAlgorithms,
  type SessionAlgorithms,
} from "./algorithms.js";
import type { ByteStream } from "./byte-stream.js";
import { loadCharset } from "./charset.js";
import { nodeHashProviders } from "./hash-providers.js";
import { Input } from "./input.js";
import { handleMessage } from "./messages.js";
import { assertMungingIsSafe } from "./munge-guard.js";
import type { TransferObserver } from "./observer.js";
import type { TransferOptions } from "./options.js";
import { Output } from "./output.js";
import { PacedStream } from "./paced-stream.js";
import { type BatchRecorder, Session } from "./session.js";
import { timeoutError } from "./vitality.js";
import { Watchdog } from "./watchdog.js";

/** A peer that does not come to the point in this time never will; the timeout of the session may be shorter. */
const SET_UP_SECONDS = 60;
/** The time limits of all of this process. */
const setUps = new Watchdog();

/** What is known before the first binary byte. */
export interface SetUpRequest {
  stream: ByteStream;
  /** Bytes of the peer that were read from the stream already. */
  initialBytes: Uint8Array;
  /** The peer has hung up behind them. */
  hasEnded?: boolean;
  isServer: boolean;
  isSender: boolean;
  /** Both sides are in this process: there is nobody to be told what both know. */
  isLocal?: boolean;
  /** Agreed on in the daemon's text phase, or by `exchangeVersions`. */
  protocol: number;
  /** The client's capability string: the value of `-e`. */
  capabilities: string;
  /** Whether a server's settings allow incremental recursion; a client says so in its capabilities. */
  allowsIncremental?: boolean;
  options: TransferOptions;
  observer: TransferObserver;
  /** `stream` reads from a batch file, behind what `readBatchStart` takes. */
  isReplay?: boolean;
  /** Takes a batch file's contents, behind the stream flags. */
  recorder?: BatchRecorder | null;
  /** What the environment allows; without it everything is. */
  algorithmLists?: AlgorithmLists;
  /**
   * The names of algorithms that a client has sent already, because it knows that its peer will negotiate. If the peer does not,
   * as `negotiatesAlgorithms` tells, it was told what it does not understand, and nothing can be done but to hear what it says.
   */
  offered?: NegotiationLists | null;
}

/** Whether the names of algorithms are exchanged (spec 1-session, 5.4). */
export function negotiatesAlgorithms(compatFlags: number): boolean {
  return (compatFlags & CF_VARINT_FLIST_FLAGS) !== 0;
}

/** Exchanges flags, algorithm names and seed. @throws UnsupportedError (exit 4) when there is no common algorithm. */
export async function setUpSession(request: SetUpRequest): Promise<Session> {
  const input = new Input(request.stream, request.initialBytes, request.hasEnded);
  const { bwlimit, timeout } = request.options;
  const sink = bwlimit > 0 ? new PacedStream(request.stream, bwlimit) : request.stream;
  const output = new Output(sink);
  input.beforeWaiting = () => output.flush();
  const seconds = timeout > 0 ? Math.min(timeout, SET_UP_SECONDS) : SET_UP_SECONDS;
  const deadline = setUps.start(seconds * 1000, () => input.abort(timeoutError(seconds)));
  try {
    return await negotiate(request, input, output);
  } catch (error) {
    input.detach();
    output.detach();
    throw error;
  } finally {
    setUps.stop(deadline);
  }
}

async function negotiate(request: SetUpRequest, input: Input, output: Output): Promise<Session> {
  const { isServer, protocol, options } = request;
  if (options.mungeLinks) assertMungingIsSafe();
  const charset = options.iconv === null ? null : await loadCharset(options.iconv);
  const { algorithmLists: lists, offered = null } = request;
  const negotiation = {
    isServer,
    protocol,
    compatFlags: 0,
    options,
    lists,
    isReplay: request.isReplay ?? false,
    isRecorded: request.recorder != null,
  };
  const compatFlags = protocol >= 30 ? await exchangeCompatFlags(request, input, output) : 0;
  negotiation.compatFlags = compatFlags;
  const isOffered = offered !== null && negotiatesAlgorithms(compatFlags);
  const own = isOffered ? offered : offerAlgorithms(negotiation, output);
  const algorithms = await agreeOnAlgorithms(negotiation, own, input, output);

  let checksumSeed: number;
  if (isServer) {
    checksumSeed = options.checksumSeed || makeSeed();
    writeInt(output.writer, checksumSeed);
  } else {
    checksumSeed = await input.read(readInt);
  }
  const { transferChecksum, fileChecksum, byName, compression } = algorithms;
  if (options.checksum && fileChecksum === "none") {
    // The peer comes to the same end by itself, once it has the seed.
    output.flush();
    throw new UnsupportedError("Invalid checksum-choice for --checksum: none (0)");
  }
  if (transferChecksum === "none") options.wholeFile = true;
  const providers = nodeHashProviders();
  const context = {
    protocol,
    seed: checksumSeed,
    seedFix: (compatFlags & CF_CHKSUM_SEED_FIX) !== 0,
    byName,
  };
  const listHash = options.checksum ? await loadListHash(fileChecksum, protocol, providers) : null;
  const session = new Session({
    input,
    output,
    isServer,
    isSender: request.isSender,
    isLocal: request.isLocal ?? false,
    isReplay: request.isReplay ?? false,
    recorder: request.recorder ?? null,
    protocol,
    compatFlags,
    checksumSeed,
    strong: await loadStrongSum(transferChecksum, context, providers),
    compression: await loadCompression(compression, protocol, options.storeOnly),
    listHash,
    listHashLength: listHash === null ? 0 : listDigestLength(listHash, protocol),
    listHashName: listHash && fileChecksum,
    options,
    charset,
    observer: request.observer,
  });
  if (session.isReplay) return session;
  startFraming(session);
  for (const line of algorithms.debugLines) session.notice("info", line);
  session.recorder?.write(encodeBatchSession(session));
  if (session.recorder !== null && !session.isSender) recordInput(session, session.recorder);
  return session;
}

/** How much of a digest is in the list: below protocol 21 two bytes. */
function listDigestLength(hash: HashStream, protocol: number): number {
  return protocol < 21 ? 2 : hash.digest().length;
}

/** Nothing of it is loaded where data goes as it is. */
async function loadCompression(
  { name, level }: SessionAlgorithms["compression"],
  protocol: number,
  storeOnly: boolean,
): Promise<Compression | null> {
  if (name === "none") return null;
  const { Compression } = await import("../compression/compression.js");
  return new Compression(name, storeOnly && name.startsWith("zlib") ? 0 : level, protocol);
}

async function exchangeCompatFlags(
  request: SetUpRequest,
  input: Input,
  output: Output,
): Promise<number> {
  if (!request.isServer) {
    const flags = await input.read(readCompatFlags);
    checkCompatFlags(flags, request.capabilities, false);
    return flags;
  }
  const flags = compatFlagsForClient(request.capabilities, {
    incRecurse: request.allowsIncremental ?? false,
    symlinkTimes: true,
    symlinkIconv: true,
  });
  writeCompatFlags(output.writer, flags);
  return flags;
}

/** A client that receives records all that comes; one that sends does so from its list on. */
function recordInput({ input }: Session, recorder: BatchRecorder): void {
  input.copyTo = (data) => recorder.write(data);
}

/** Zero means "none given", so the seed of a server is anything else. */
function makeSeed(): number {
  return ((Date.now() / 1000) ^ (process.pid << 6)) | 1;
}

/**
 * Frames begin right after the seed, but a client's output has none below protocol 30, and a server's none below 23 (spec
 * 1-session, 6.2).
 */
function startFraming(session: Session): void {
  const { input, output, isServer, protocol } = session;
  output.flush();
  input.bytesRead = 0;
  output.resetCount();
  const { isSender, options } = session;
  // Of old, a client has something to say besides its data only when it tells what may be removed.
  const clientIsFramed =
    protocol >= 30 || (isSender === isServer && options.removeSource !== "none");
  const serverIsFramed = protocol >= 23;
  if (isServer ? serverIsFramed : clientIsFramed) output.startFraming();
  if (isServer ? clientIsFramed : serverIsFramed) {
    input.startFraming((code, payload) => handleMessage(session, code, payload));
  }
}
