/**
 * A session after the text phase: arguments, binary set-up, and the transfer inside one module (spec 5-daemon, 5.5 steps
 * 19 to 21).
 * @module
 */
import type { Duplex } from "node:stream";
import { RsyncError, UsageError } from "@tsrsync/protocol";
import {
  allowsIncrementalRecursion,
  limitDebugLevels,
  limitInfoLevels,
  type ResolvedSettings,
  type ServerRequest,
} from "@tsrsync/protocol/arguments";
import { REPLY_OK } from "@tsrsync/protocol/handshake";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  announceTimeout,
  conductSession,
  type ErrorOrigin,
  type FileTree,
  LineChannel,
  lastWords,
  loadCharset,
  type NameList,
  runReceiver,
  runSender,
  ServerObserver,
  type Session,
  setUpSession,
  systemIdentities,
  type TransferOptions,
  totalsText,
  transferOptionsFrom,
} from "@tsrsync/transfer";
import { requestText } from "../log/index.js";
import { VERSION } from "../version.js";
import { rulesOfClient } from "./client-rules.js";
import { withDeadline } from "./deadline.js";
import { applyModuleChmod } from "./module-chmod.js";
import { moduleFilter } from "./module-filter.js";
import { ModulePaths } from "./module-paths.js";
import { readRequest } from "./read-request.js";
import { checkRequest } from "./request-policy.js";
import type { SessionRequest } from "./session-request.js";
import { sessionObserver } from "./transfer-log.js";

/** The log shows so much of a request. */
const MAX_REQUEST_TEXT = 1024;

export interface ModuleService {
  request: SessionRequest;
  stream: Duplex;
  /** Bytes of the client that were read already. */
  initial: Uint8Array;
  /** The module's directory. */
  root: FileTree;
  log(text: ByteString): void;
  /** Comes when what was logged so far is in the file; without it that is at once. */
  logged?(): Promise<void>;
}

/** Serves one client to the end and closes the connection. Never throws: failures go to the client and the log. */
export async function serveModule(service: ModuleService): Promise<void> {
  const { stream, log } = service;
  // The connection may break at any time, also when nobody listens any more.
  stream.on("error", () => {});
  const origin: ErrorOrigin = { file: "tsrsyncd", line: 0, role: "Receiver", version: VERSION };
  try {
    await serve(service, origin);
  } catch (error) {
    for (const line of lastWords(RsyncError.from(error), origin).split("\n")) log(line);
    // Who is refused may look there for the reason as soon as the line is closed.
    await service.logged?.();
  } finally {
    stream.end();
    setTimeout(() => stream.destroy(), 2000).unref();
  }
}

async function serve(service: ModuleService, origin: ErrorOrigin): Promise<void> {
  const { request, stream, log } = service;
  const channel = new LineChannel(stream, service.initial);
  if (request.module.charset) await loadCharset(request.module.charset);
  channel.write(`${REPLY_OK}\n`);
  const { parsed, problem } = await withDeadline(channel, request.module.timeout, () =>
    readRequest(channel, request),
  );
  const initialBytes = channel.release();
  const settings = withMaxVerbosity(parsed.settings, request.module.maxVerbosity);
  if (settings.serverIsSender) origin.role = "sender";
  const filter = moduleFilter(request.filterRules);
  const paths = new ModulePaths(
    request.module,
    service.root,
    parsed.paths,
    filter,
    settings.relative,
  );
  if (parsed.paths.length > 0) {
    const wanted = parsed.paths.join(" ").slice(0, MAX_REQUEST_TEXT);
    const { peer, user } = request;
    log(requestText(wanted, { isSender: settings.serverIsSender, user, peer }));
  }

  const options = transferOptionsFrom(settings, request.protocol);
  options.filters = { ...options.filters, nulEnds: settings.from0, daemon: filter };
  options.mungeLinks = request.module.mungeSymlinks ?? true;
  options.sanitizeLinks = true;
  if (request.module.numericIds === true) options.ignoresIdNames = true;
  if (request.module.fakeSuper) {
    options.superUser = "fake";
    options.xattrs = Math.min(1, options.xattrs);
  }
  options.openNoatime = request.module.openNoatime ?? options.openNoatime;
  options.iconv = settings.iconv === null ? null : request.module.charset || null;
  applyModuleChmod(options, request.module, settings.serverIsSender, log);
  options.ignoreErrors ||= request.module.ignoreErrors;
  options.tempDir ??= insideModule(request.module.tempDir);
  options.timeout = smallerLimit(options.timeout, request.module.timeout);
  options.bwlimit = smallerLimit(options.bwlimit, request.bwlimit);
  options.storeOnly = request.module.dontCompress.split(/\s+/).includes("*");
  const refusal = problem ?? checkRequest(request, parsed);
  if (refusal !== null && options.compressChoice !== null) ignoreCompressChoice(options);
  const observer = new ServerObserver(settings, sessionObserver(service, settings, paths));
  const session = await setUpSession({
    stream,
    initialBytes,
    isServer: true,
    isSender: settings.serverIsSender,
    protocol: request.protocol,
    capabilities: problem === null ? parsed.capabilities : withoutLists(parsed.capabilities),
    allowsIncremental: allowsIncrementalRecursion(settings, !settings.serverIsSender),
    options,
    observer,
    algorithmLists: request.algorithmLists,
  });
  observer.session = session;
  await conductSession(
    session,
    undefined,
    async () => {
      if (refusal !== null) throw refusal;
      announceTimeout(session);
      options.filters = { ...options.filters, rules: await rulesOfClient(settings, paths) };
      options.filesFrom = await nameList(settings, paths);
      if (settings.serverIsSender) await sendModule(session, paths);
      else await receiveIntoModule(session, paths);
    },
    (error) => lastWords(error, origin),
  );
  const { statistics } = session;
  log(totalsText(session.output.bytesWritten, session.input.bytesRead, statistics.totalSize));
}

/** A choice is no part of the negotiation, and one that we can not follow shall not keep us from saying so. */
function ignoreCompressChoice(options: TransferOptions): void {
  options.compress = false;
  options.compressChoice = null;
}

/**
 * Without the capability `v` no lists of algorithms are exchanged (spec 1-session). Of a request that could not be parsed
 * it is not known which lists its client expects.
 */
function withoutLists(capabilities: string): string {
  return capabilities.replace("v", "");
}

/** A list lies in the module, or the client sends it. */
async function nameList(
  { filesFrom, from0: nulEnds, serverIsSender }: ServerRequest["settings"],
  paths: ModulePaths,
): Promise<NameList | null> {
  if (filesFrom === null) return null;
  if (filesFrom !== "-") return { chunks: [await paths.readNames(filesFrom)], nulEnds };
  if (!serverIsSender) throw new UsageError("Invalid --files-from remote filename");
  return { chunks: null, nulEnds };
}

/** A directory that the configuration names; an absolute path, too, lies inside the module. */
function insideModule(directory: ByteString): ByteString | null {
  return directory === "" ? null : `/${directory}`;
}

/** Of two limits that are none when they are not positive. */
function smallerLimit(a: number, b: number): number {
  if (a <= 0) return Math.max(0, b);
  return b <= 0 ? a : Math.min(a, b);
}

async function sendModule(session: Session, paths: ModulePaths): Promise<void> {
  await runSender(
    session,
    { sources: paths.sources, paths: await paths.sourcePaths() },
    systemIdentities(),
  );
}

async function receiveIntoModule(session: Session, paths: ModulePaths): Promise<void> {
  await runReceiver(session, (lists) => paths.openDestination(session, lists), systemIdentities());
}

/** `max verbosity`: clients are told no more than so many `-v` ask for. */
function withMaxVerbosity(settings: ResolvedSettings, maxVerbosity: number): ResolvedSettings {
  return {
    ...settings,
    infoLevels: limitInfoLevels(settings.infoLevels, maxVerbosity),
    debugLevels: limitDebugLevels(settings.debugLevels, maxVerbosity),
  };
}
