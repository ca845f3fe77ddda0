/**
 * The binary set-up of a session, after which both sides know protocol, algorithms and seed (spec 1-session, 5).
 * @module
 */
import type { Duplex } from "node:stream";
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { type ChecksumName, loadListHash, loadStrongSum } from "@tsrsync/protocol/checksum";
import {
  CF_CHKSUM_SEED_FIX,
  checkCompatFlags,
  compatFlagsForClient,
  concludeNegotiation,
  listsToSend,
  type NegotiationInput,
  type NegotiationLists,
  parseChecksumChoice,
  readCompatFlags,
  readNameList,
  writeCompatFlags,
  writeNameList,
} from "@tsrsync/protocol/handshake";
import { readInt, writeInt } from "@tsrsync/protocol/wire";
import { nodeHashProviders } from "./hash-providers.js";
import { Input } from "./input.js";
import { handleMessage } from "./messages.js";
import type { TransferObserver } from "./observer.js";
import type { TransferOptions } from "./options.js";
import { Output } from "./output.js";
import { Session } from "./session.js";

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

/** A peer that does not come to the point in this time never will. */
const SET_UP_MS = 60_000;

/** What is known before the first binary byte. */
export interface SetUpRequest {
  stream: Duplex;
  /** Bytes of the peer that were read from the stream already. */
  initialBytes: Uint8Array;
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
  /** `RSYNC_CHECKSUM_LIST`. */
  checksumEnvironment?: string | undefined;
}

/** Exchanges flags, algorithm names and seed. @throws UnsupportedError (exit 4) when there is no common algorithm. */
export async function setUpSession(request: SetUpRequest): Promise<Session> {
  const input = new Input(request.stream, request.initialBytes);
  const output = new Output(request.stream);
  input.beforeWaiting = () => output.flush();
  const deadline = setTimeout(
    () => input.abort(new RsyncError(ExitCode.Timeout, "timeout while the session was set up")),
    SET_UP_MS,
  );
  try {
    return await negotiate(request, input, output);
  } catch (error) {
    input.detach();
    output.detach();
    throw error;
  } finally {
    clearTimeout(deadline);
  }
}

async function negotiate(request: SetUpRequest, input: Input, output: Output): Promise<Session> {
  const { isServer, protocol, options } = request;
  const compatFlags = protocol >= 30 ? await exchangeCompatFlags(request, input, output) : 0;
  const negotiation: NegotiationInput = {
    role: isServer ? "server" : "client",
    protocol,
    compatFlags,
    checksum: {
      supported: SUPPORTED_CHECKSUMS,
      environment: request.checksumEnvironment,
      forced:
        options.checksumChoice === null
          ? null
          : parseChecksumChoice(options.checksumChoice, SUPPORTED_CHECKSUMS),
    },
    compress: { wanted: false, supported: ["none"], forced: null },
  };
  const algorithms = concludeNegotiation(
    negotiation,
    await exchangeLists(listsToSend(negotiation), input, output),
  );

  let checksumSeed: number;
  if (isServer) {
    checksumSeed = options.checksumSeed || makeSeed();
    writeInt(output.writer, checksumSeed);
  } else {
    checksumSeed = await input.read(readInt);
  }
  const transferChecksum = algorithms.transferChecksum as ChecksumName;
  if (transferChecksum === "none") options.wholeFile = true;
  const providers = nodeHashProviders();
  const context = {
    protocol,
    seed: checksumSeed,
    seedFix: (compatFlags & CF_CHKSUM_SEED_FIX) !== 0,
    byName: listsToSend(negotiation).checksum !== null || negotiation.checksum.forced !== null,
  };
  const listHash = options.checksum
    ? await loadListHash(algorithms.fileChecksum as ChecksumName, protocol, providers)
    : null;
  const session = new Session({
    input,
    output,
    isServer,
    isSender: request.isSender,
    isLocal: request.isLocal ?? false,
    protocol,
    compatFlags,
    checksumSeed,
    strong: await loadStrongSum(transferChecksum, context, providers),
    listHash,
    listHashLength: listHash?.digest().length ?? 0,
    options,
    observer: request.observer,
  });
  startFraming(session);
  return session;
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
    symlinkIconv: false,
  });
  writeCompatFlags(output.writer, flags);
  return flags;
}

/** Each side writes its own lists before it reads the peer's, so neither waits for the other. */
async function exchangeLists(
  own: NegotiationLists,
  input: Input,
  output: Output,
): Promise<NegotiationLists> {
  if (own.checksum !== null) writeNameList(output.writer, own.checksum);
  if (own.compress !== null) writeNameList(output.writer, own.compress);
  const checksum =
    own.checksum === null ? null : await input.read((cursor) => readNameList(cursor, "checksum"));
  const compress =
    own.compress === null ? null : await input.read((cursor) => readNameList(cursor, "compress"));
  return { checksum, compress };
}

/** Zero means "none given", so the seed of a server is anything else. */
function makeSeed(): number {
  return ((Date.now() / 1000) ^ (process.pid << 6)) | 1;
}

/** Frames begin right after the seed, but a client's output has none below protocol 30 (spec 1-session, 6.2). */
function startFraming(session: Session): void {
  const { input, output, isServer, protocol } = session;
  output.flush();
  input.bytesRead = 0;
  output.resetCount();
  if (isServer || protocol >= 30) output.startFraming();
  if (!isServer || protocol >= 30) {
    input.startFraming((code, payload) => handleMessage(session, code, payload));
  }
}
