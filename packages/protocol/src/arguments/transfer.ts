/**
 * From the path arguments to the transfer: which way it goes, over what, and between which paths.
 * Spec: docs/protocol/4-command.md, 7.
 * @module
 */
import { StartError, UsageError } from "../errors.js";
import type { ByteString } from "../wire/index.js";
import { checkFilesFrom } from "./files-from.js";
import { parseLocation, type RemoteLocation } from "./location.js";
import type { ResolvedSettings } from "./resolve.js";

/** The paths of a command line. */
export interface Transfer {
  /** `daemon-shell` is a daemon that is started over a remote shell (an explicit `--rsh`). */
  readonly transport: "local" | "shell" | "daemon" | "daemon-shell";
  /** `push`: we send. A local copy is a push. */
  readonly direction: "push" | "pull";
  readonly sources: readonly ByteString[];
  /** Null for a listing, and for nothing at all with `--read-batch`. */
  readonly destination: ByteString | null;
  /** The other end, without path; null for a local copy. */
  readonly remote: RemoteHost | null;
}

/** The other end. `port` is of an address or of `--port`; null for the default. */
export interface RemoteHost {
  readonly user: ByteString | null;
  readonly host: ByteString;
  readonly port: number | null;
}

/** Wrong paths that are answered with the usage text, not with a message. */
export class UsageNeeded extends UsageError {
  constructor() {
    super("the usage text is to be shown");
  }
}

/**
 * Reads the path arguments.
 * @throws UsageError (printed bare) or StartError in the words of rsync; `UsageNeeded` when the usage text is due.
 */
export function resolveTransfer(
  paths: readonly ByteString[],
  settings: ResolvedSettings,
): Transfer {
  if (settings.batchMode === "read") return batchTransfer(paths);
  if (paths.length === 0) throw new UsageNeeded();
  if (settings.filesFrom !== null && paths.length !== 2) throw new UsageNeeded();
  const first = parseLocation(paths[0]!);
  const transfer =
    first.kind === "local" ? fromLocal(paths, settings) : pull(paths, first, settings);
  checkHostOptions(transfer, settings);
  return transfer;
}

function batchTransfer(paths: readonly ByteString[]): Transfer {
  const last = paths.at(-1);
  if (last === undefined) throw new UsageNeeded();
  if (parseLocation(last).kind !== "local") {
    throw new UsageError("remote destination is not allowed with --read-batch");
  }
  return { transport: "local", direction: "pull", sources: [], destination: last, remote: null };
}

function fromLocal(paths: readonly ByteString[], settings: ResolvedSettings): Transfer {
  const sources = paths.length > 1 ? paths.slice(0, -1) : paths;
  for (const source of sources) {
    if (parseLocation(source).kind !== "local")
      throw new UsageError(`Unexpected remote arg: ${source}`);
    if (source === "") throw new UsageError("Empty source arg specified.");
  }
  const last = paths.length > 1 ? paths.at(-1)! : null;
  const target = last === null ? null : parseLocation(last);
  if (target === null || target.kind === "local") {
    checkFilesFrom(settings.filesFrom, null);
    const destination = last === null ? null : localDestination(last, settings);
    return { transport: "local", direction: "push", sources, destination, remote: null };
  }
  checkFilesFrom(settings.filesFrom, target.hostSpec);
  return {
    transport: transportOf(target, settings),
    direction: "push",
    sources,
    destination: remotePath(target),
    remote: remoteHost(target, settings),
  };
}

function pull(
  paths: readonly ByteString[],
  first: RemoteLocation,
  settings: ResolvedSettings,
): Transfer {
  const last = paths.length > 1 ? paths.at(-1)! : null;
  if (last !== null) checkPullDestination(last);
  const words = last === null ? paths : paths.slice(0, -1);
  const sources = words.map((word) => pullSource(word, first));
  checkFilesFrom(settings.filesFrom, first.hostSpec);
  return {
    transport: transportOf(first, settings),
    direction: "pull",
    sources,
    destination: last === null ? null : localDestination(last, settings),
    remote: remoteHost(first, settings),
  };
}

function checkPullDestination(word: ByteString): void {
  const location = parseLocation(word);
  if (location.kind === "local") return;
  // rsync takes `:PATH` here for a further source and for the destination at once; that helps nobody.
  if (location.hostSpec === "")
    throw new UsageError(`Missing destination after the source ${word}`);
  throw new UsageError("The source and destination cannot both be remote.");
}

function pullSource(word: ByteString, first: RemoteLocation): ByteString {
  const location = parseLocation(word);
  if (location.kind === "local") {
    throw new UsageError(
      `Unexpected local arg: ${word}\nIf arg is a remote file/dir, prefix it with a colon (:).`,
    );
  }
  if (location.hostSpec !== "" && location.hostSpec !== first.hostSpec) {
    throw new UsageError("All source args must come from the same machine.");
  }
  if (location.kind !== first.kind) {
    throw new UsageError("All source args must use the same hostspec format.");
  }
  if (location.hostSpec !== "" && location.port !== first.port) {
    throw new UsageError("All source args must use the same port number.");
  }
  return remotePath(location);
}

function localDestination(path: ByteString, { oldArgs }: ResolvedSettings): ByteString {
  if (path !== "") return path;
  if (oldArgs > 0) return ".";
  throw new UsageError('Empty destination arg specified (use "." or see --old-args).');
}

function remotePath({ kind, path }: RemoteLocation): ByteString {
  if (kind === "daemon" && path.startsWith("/")) {
    throw new StartError("ERROR: The remote path must start with a module name not a /");
  }
  return kind === "shell" ? path || "." : path;
}

function transportOf({ kind }: RemoteLocation, { rsh }: ResolvedSettings): Transfer["transport"] {
  if (kind === "shell") return "shell";
  return rsh === null ? "daemon" : "daemon-shell";
}

function remoteHost({ user, host, port }: RemoteLocation, settings: ResolvedSettings): RemoteHost {
  return { user, host, port: port ?? settings.port };
}

function checkHostOptions({ transport, remote }: Transfer, settings: ResolvedSettings): void {
  const usesShell = transport === "shell" || transport === "daemon-shell";
  // The shell would take it for an option.
  if (usesShell && (remote?.host.startsWith("-") || remote?.user?.startsWith("-"))) {
    throw new UsageError("Invalid remote host: hostnames may not start with '-'.");
  }
  const usesDaemon = transport === "daemon" || transport === "daemon-shell";
  if (settings.passwordFile !== null && !usesDaemon) {
    throw new UsageError(
      "The --password-file option may only be used when accessing an rsync daemon.",
    );
  }
  if (settings.contimeout > 0 && transport !== "daemon") {
    throw new UsageError(
      "The --contimeout option may only be used when connecting to an rsync daemon.",
    );
  }
}
