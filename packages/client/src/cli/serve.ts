/**
 * `--server`: the other end of somebody's session, on standard input and output (spec 1-session, 2.2 and 3).
 * @module
 */
import type { Duplex } from "node:stream";
import { ExitCode, RsyncError, UsageError } from "@tsrsync/protocol";
import {
  allowsIncrementalRecursion,
  parseServerRequest,
  type ServerRequest,
} from "@tsrsync/protocol/arguments";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  advertisedVersion,
  algorithmListsOf,
  conductSession,
  convertWords,
  exchangeVersions,
  expandWildcards,
  isToldToPeer,
  LineChannel,
  type LogOwner,
  openTree,
  ownCharset,
  RemoteExit,
  type Role,
  refuseUnsupported,
  runReceiver,
  runSender,
  ServerObserver,
  type Session,
  type SessionLog,
  setUpSession,
  systemIdentities,
  type TransferOptions,
  transferOptionsFrom,
} from "@tsrsync/transfer";
import { localDestination, sourcesOf } from "../api/client-roles.js";
import { ruleSetup } from "../api/filters.js";
import { lastWordsOf } from "../api/last-words.js";
import { openNameFile } from "../api/name-file.js";
import { openLog } from "../api/open-log.js";

export interface ServeWorld {
  environment: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  /** The line to the client. */
  stream: Duplex;
  /** Where what the client can not be told goes to. */
  writeError(text: ByteString): void;
}

/** Serves one client to the end. */
export async function serve(words: readonly ByteString[], world: ServeWorld): Promise<ExitCode> {
  const { stream } = world;
  let role: Role = "server";
  let session: Session | null = null;
  let log: SessionLog | null = null;
  try {
    const channel = new LineChannel(stream);
    const request = await readRequest(words, channel);
    role = request.isSender ? "sender" : "Receiver";
    log = openLog(request.settings, ownerOf(request), world.writeError);
    const observer = new ServerObserver(request.settings, log ?? {});
    session = await setUp(request, channel, observer, world);
    observer.session = session;
    await conductSession(session, world.signal, () => work(request, session!), lastWordsOf(role));
    const { input, output, statistics } = session;
    log?.totals(output.bytesWritten, input.bytesRead, statistics.totalSize);
    return session.exitCode();
  } catch (thrown) {
    const error = RsyncError.from(thrown);
    log?.text(lastWordsOf(role)(error));
    const isTold = session?.output.framed === true && isToldToPeer(error);
    if (!isTold && !(error instanceof RemoteExit)) {
      world.writeError(`${lastWordsOf(role)(error)}\n`);
    }
    return error.exitCode;
  } finally {
    await new Promise<void>((resolve) => stream.end(() => resolve()));
    stream.destroy();
  }
}

function ownerOf({ isSender }: ServerRequest): LogOwner {
  return { role: "server", sending: isSender, local: false, isServer: true };
}

/** The arguments, of which a client may send the greater part as data. */
async function readRequest(
  words: readonly ByteString[],
  channel: LineChannel,
): Promise<ServerRequest> {
  let request = parseServerRequest(words, null, { fromDaemonClient: false });
  if (request.settings.secludedArgs) {
    const secluded = await channel.readArguments("nul");
    if (secluded === null) {
      throw new RsyncError(ExitCode.Stream, "the connection was closed before the arguments");
    }
    const charset = ownCharset(request.settings.iconv, true, process.env);
    const converted = await convertWords(secluded, charset, "fromWire");
    request = parseServerRequest(words, converted, { fromDaemonClient: false });
  }
  refuseUnsupported(request.givenOptions, request.settings.compressChoice);
  return request;
}

async function setUp(
  request: ServerRequest,
  channel: LineChannel,
  observer: ServerObserver,
  world: ServeWorld,
): Promise<Session> {
  const { settings, capabilities, isSender } = request;
  const own = advertisedVersion(settings.protocol, capabilities);
  const protocol = await exchangeVersions(channel, own, "Client", (text) =>
    world.writeError(`${text}\n`),
  );
  return setUpSession({
    stream: world.stream,
    initialBytes: channel.release(),
    isServer: true,
    isSender,
    protocol,
    capabilities,
    allowsIncremental: allowsIncrementalRecursion(settings, !isSender),
    options: servedOptions(request, protocol, world.environment),
    observer,
    algorithmLists: algorithmListsOf(world.environment),
  });
}

function servedOptions(
  { settings, isSender }: ServerRequest,
  protocol: number,
  environment: ServeWorld["environment"],
): TransferOptions {
  const options = transferOptionsFrom(settings, protocol, ruleSetup(settings, environment));
  const { filesFrom, from0 } = settings;
  if (filesFrom === "-" && !isSender) throw new UsageError("Invalid --files-from remote filename");
  if (filesFrom !== null) {
    options.filesFrom = {
      chunks: filesFrom === "-" ? null : openNameFile(filesFrom, settings.insecureLinks),
      nulEnds: from0,
    };
  }
  return options;
}

async function work(request: ServerRequest, session: Session): Promise<void> {
  for (const warning of request.warnings) session.notice("warning", warning);
  const { paths, settings, isSender } = request;
  if (isSender) {
    // A shell has expanded the wildcards of other arguments.
    const expanded = settings.secludedArgs ? await expandAll(paths) : paths;
    const request = { sources: sourcesOf(session), paths: expanded };
    await runSender(session, request, systemIdentities());
    return;
  }
  const destination = localDestination(session, paths.at(-1) ?? ".");
  await runReceiver(session, destination, systemIdentities());
}

async function expandAll(paths: readonly ByteString[]): Promise<ByteString[]> {
  const expanded: ByteString[] = [];
  for (const path of paths) {
    const root = path.startsWith("/") ? "/" : "";
    const tree = openTree(root || ".", { followLinks: true });
    for (const found of await expandWildcards(tree, path.slice(root.length))) {
      expanded.push(root + found);
    }
    tree.close();
  }
  return expanded;
}
