/**
 * One run of a client against a daemon: connection, login, arguments, transfer.
 * @module
 */
import type { Duplex } from "node:stream";
import { type ExitCode, StartError, UnsupportedError } from "@tsrsync/protocol";
import {
  clientCapabilities,
  encodeArgumentList,
  type ResolvedSettings,
  type ServerSession,
  serverArguments,
  type Transfer,
} from "@tsrsync/protocol/arguments";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  conductSession,
  LineChannel,
  openDestination,
  processPrivileges,
  runReceiver,
  runSender,
  type Session,
  setUpSession,
  systemIdentities,
  type TransferObserver,
  type TransferStatistics,
  transferOptionsFrom,
} from "@tsrsync/transfer";
import { connectTcp } from "../transport/tcp.js";
import { logIn } from "./daemon-login.js";
import { describeLocal, LOCAL_PLACE, openLocalSources } from "./local-place.js";

/** rsync's port. */
export const DEFAULT_PORT = 873;

/** What to do, and whom to tell. */
export interface ClientRun {
  settings: ResolvedSettings;
  transfer: Transfer;
  observer: TransferObserver;
  /** Called only when the daemon asks for it. */
  password: () => Promise<Uint8Array>;
  /** User for the login when the address names none. */
  defaultUser: ByteString;
  /** A line of the message of the day, or of the module list. */
  onText: (line: ByteString) => void;
  /** `RSYNC_CHECKSUM_LIST`. */
  checksumEnvironment?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface ClientResult {
  exitCode: ExitCode;
  /** `null` when modules were listed. */
  statistics: TransferStatistics | null;
  protocol: number;
}

/** Carries out a run. @throws RsyncError when it could not come to its orderly end. */
export async function runClient(run: ClientRun): Promise<ClientResult> {
  const { transfer, settings } = run;
  const { remote } = transfer;
  if (transfer.transport !== "daemon" || remote === null) {
    throw new UnsupportedError(
      "only transfers with an rsync daemon are supported (rsync://HOST/MODULE or HOST::MODULE)",
    );
  }
  const stream = await connectTcp({
    host: Buffer.from(remote.host, "latin1").toString("utf8"),
    port: remote.port ?? DEFAULT_PORT,
    connectTimeout: settings.contimeout,
    ...(settings.addressFamily === null ? {} : { family: settings.addressFamily }),
    ...(settings.address === null ? {} : { localAddress: settings.address }),
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  });
  try {
    return await converse(run, stream);
  } finally {
    stream.on("error", () => {}); // the run is over: how the connection ends is of no interest
    stream.end();
    stream.destroySoon();
  }
}

async function converse(run: ClientRun, stream: Duplex): Promise<ClientResult> {
  const { settings, transfer } = run;
  const paths = remotePaths(transfer);
  const channel = new LineChannel(stream);
  const login = await logIn(channel, {
    module: moduleOf(paths[0] ?? ""),
    user: transfer.remote?.user ?? run.defaultUser,
    password: run.password,
    protocol: settings.protocol,
    onText: run.onText,
  });
  const { protocol } = login;
  if (!login.ready) return { exitCode: 0, statistics: null, protocol };
  if (moduleOf(paths[0] ?? "") === "")
    throw new StartError("the daemon took a request for nothing");

  const negotiated: ServerSession = {
    direction: transfer.direction,
    transport: "daemon",
    protocol,
    paths,
  };
  // Incremental recursion is not offered: the list comes in one piece.
  const words = serverArguments({ ...settings, incRecursive: false }, negotiated);
  const terminator = protocol >= 30 ? "nul" : "line";
  stream.write(encodeArgumentList(words.words, terminator));
  if (words.secluded !== null) stream.write(encodeArgumentList(words.secluded, "nul"));

  const session = await setUpSession({
    stream,
    initialBytes: channel.release(),
    isServer: false,
    isSender: transfer.direction === "push",
    protocol,
    capabilities: clientCapabilities({ ...settings, incRecursive: false }, negotiated),
    options: transferOptionsFrom(settings, protocol),
    observer: run.observer,
    checksumEnvironment: run.checksumEnvironment,
  });
  await conductSession(session, run.signal, () => transferFiles(session, transfer));
  return { exitCode: session.exitCode(), statistics: session.statistics, protocol };
}

/** The part of a daemon path before the first slash. */
function moduleOf(path: ByteString): ByteString {
  const slash = path.indexOf("/");
  return slash < 0 ? path : path.slice(0, slash);
}

function remotePaths(transfer: Transfer): readonly ByteString[] {
  if (transfer.direction === "pull") return transfer.sources;
  return [transfer.destination ?? ""];
}

async function transferFiles(session: Session, transfer: Transfer): Promise<void> {
  if (transfer.direction === "push") {
    await runSender(session, openLocalSources(session, transfer.sources), systemIdentities());
    return;
  }
  const { destination } = transfer;
  await runReceiver(
    session,
    destination === null || session.options.listOnly
      ? null
      : (lists) =>
          openDestination(session, lists, {
            place: LOCAL_PLACE,
            path: destination,
            privileges: processPrivileges(),
            describe: describeLocal,
          }),
    systemIdentities(),
  );
}
