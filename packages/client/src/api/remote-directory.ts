/**
 * A directory at a daemon, or behind a remote shell, that is written to again and again by a program that knows what has
 * changed: options are read once, connections can be opened ahead of their use, and what is sent is given path by path.
 * @module
 */
import { RsyncError, UsageError } from "@tsrsync/protocol";
import type { FilterOption, Settings } from "@tsrsync/protocol/arguments";
import type { FileEntry } from "@tsrsync/protocol/file-list";
import { type ByteString, byteStringFromText, encodeByteString } from "@tsrsync/protocol/wire";
import {
  abortReason,
  type ByteStream,
  type PathSelection,
  type TransferObserver,
  Watchdog,
  whenAborted,
} from "@tsrsync/transfer";
import { Habits } from "../transport/habits.js";
import { PromptConnection } from "../transport/prompt-connection.js";
import { Acquaintance } from "./acquaintance.js";
import { connectToDaemon } from "./connect-to-daemon.js";
import { type DaemonConnection, startLogin } from "./daemon-connection.js";
import { remotePaths } from "./daemon-session.js";
import { connectionWords } from "./options.js";
import type {
  ConnectionAhead,
  RemoteDirectoryOptions,
  RemoteListing,
  RemoteRequestOptions,
  RemoteResult,
  RemoteSelectionOptions,
  RemoteTreeOptions,
} from "./remote-options.js";
import { type Request, readRequest, runOf } from "./request.js";
import { type ClientRun, type Environment, prepareRun, runClient } from "./run-client.js";
import { serverWords } from "./server-words.js";

export class RemoteDirectory {
  readonly #address: ByteString;
  readonly #options: RemoteDirectoryOptions;
  /** By the words that they were made of. */
  readonly #requests = new Map<string, Request>();
  /** As it was at first: each look at the process's own takes as long as many steps of a session. */
  readonly #environment: Environment = { ...process.env };
  readonly #acquaintance = new Acquaintance();
  /** How conversations go in which everything up to the transfer is said ahead. */
  readonly #habitsWhenTold = new Habits();
  readonly #logins = new Watchdog();
  /** What connections are opened with. */
  readonly #plain: Request;

  /**
   * @param address `rsync://[user@]host[:port]/module[/directory]`, `[user@]host::module` or `[user@]host:directory`
   * @throws UsageError for an address or options that can not be understood, or an address on this machine
   */
  constructor(address: string, options: RemoteDirectoryOptions = {}) {
    this.#address = byteStringFromText(address);
    this.#options = options;
    this.#plain = this.#pushRequest("/");
    if (this.#plain.transfer.transport === "local") {
      throw new UsageError(`expected the address of a daemon or another machine, got ${address}`);
    }
  }

  /** Whether connections can be opened ahead: those of a remote shell begin with all that is asked for. */
  get canConnectAhead(): boolean {
    return this.#plain.transfer.transport === "daemon";
  }

  /**
   * Opens a connection and logs in: the daemon is ready to be told what is wanted.
   * @throws RsyncError 10 or 35 when nobody answers, 5 when the daemon refuses, 30 when it says nothing in time
   */
  async connect(signal?: AbortSignal): Promise<DaemonConnection> {
    return (await this.connectAhead(signal)).logIn();
  }

  /**
   * The same for a connection that is needed later. As far as the process would have to stand still for that, it is done only
   * then.
   * @param likeLast it is for a push like the last one, and is told so at once if the daemon is known well enough; it is of no
   * use for another request then
   */
  async connectAhead(signal?: AbortSignal, likeLast = false): Promise<ConnectionAhead> {
    const asked = this.#runOf(this.#plain, {}, signal);
    const acquaintance = this.#acquaintance;
    const opening = likeLast ? acquaintance.opening : null;
    const peer = this.#options.mayStandStill === true ? acquaintance.peer : undefined;
    const habits = opening === null ? undefined : this.#habitsWhenTold;
    const stream = await connectToDaemon(asked, peer, habits);
    if (signal?.aborted) {
      stream.destroy();
      throw abortReason(signal);
    }
    const finish = startLogin(asked, stream, acquaintance, opening);
    const logIn = () => this.#inTime(asked, stream, finish);
    const isTold = opening !== null;
    if (stream instanceof PromptConnection) return { isTold, logIn };
    const connection = logIn();
    connection.catch(() => {}); // whoever takes it hears of it
    return { isTold, logIn: () => connection };
  }

  /** Gives back a connection that was not used. One that was told of a push ends with one of nothing. */
  async release(connection: DaemonConnection): Promise<void> {
    const { opening } = connection;
    if (opening === null || !connection.isUsable) return connection.close();
    const signal = AbortSignal.timeout(RELEASE_MS);
    const push = { selection: NOTHING };
    await this.#run(opening.asked, { connection, signal }, { push }).catch(() => {});
  }

  /** A login that ends with the signal, or after the time that it is given. */
  async #inTime(
    { settings, signal }: ClientRun,
    stream: ByteStream,
    logIn: () => Promise<DaemonConnection>,
  ): Promise<DaemonConnection> {
    const seconds = settings.contimeout || settings.timeout;
    const end = (error: RsyncError) => void stream.destroy(error);
    const late = () => end(new RsyncError(30, "timeout waiting for daemon greeting"));
    const deadline = seconds > 0 ? this.#logins.start(seconds * 1000, late) : null;
    const takeBack = whenAborted(signal, () => end(abortReason(signal)));
    try {
      return await logIn();
    } catch (error) {
      if (signal?.aborted) throw abortReason(signal);
      throw error;
    } finally {
      if (deadline !== null) this.#logins.stop(deadline);
      takeBack();
    }
  }

  /**
   * Sends exactly the selected items of the directory `root`; what stands in their way is removed. What became of them is in
   * the observer's notices.
   * @throws RsyncError with rsync's exit code when the session could not come to its end; ToldOtherwise
   */
  push(
    root: ByteString,
    selection: PathSelection,
    options: RemoteSelectionOptions = {},
  ): Promise<RemoteResult> {
    const { missing, moved } = selection;
    const { alternate, directory = "" } = options;
    const chosen: Partial<Settings> = {
      // A daemon that takes no deletions need not hear of the option when nothing is to be deleted.
      missingArgs: missing.length > 0 ? 2 : 0,
      ...(moved.length > 0 ? { hardLinks: 1 } : {}),
      ...(alternate === undefined
        ? {}
        : { altDestKind: alternate.kind, altDest: [alternate.path] }),
    };
    const request = this.#pushRequest(root, options, chosen, directory);
    return this.#run(request, options, { push: { place: options.place, selection } });
  }

  /**
   * Sends directories of `root` with all that is in them, or what the words leave of it; those that are gone are left out.
   * @throws RsyncError as `push`
   */
  pushTrees(
    root: ByteString,
    trees: readonly ByteString[],
    options: RemoteTreeOptions = {},
  ): Promise<RemoteResult> {
    const isAll = trees.includes("");
    const words = isAll ? ["--recursive"] : ["--recursive", ...LISTED, ...IF_THERE];
    const given = [rootPath(root), this.#address];
    const chosen = { deleteMode: options.deletes === true };
    const request = this.#request("push", words, given, options, chosen);
    const push = { place: options.place, hides: options.hides };
    const more = isAll ? { push } : { push, names: listOf(trees) };
    return this.#run(request, options, more);
  }

  /** What the other end has below `path`; nothing when there is no such directory. */
  list(path: ByteString, options: RemoteRequestOptions = {}): Promise<RemoteListing> {
    return this.listBelow([path], options);
  }

  /** The same for several directories. */
  async listBelow(
    paths: readonly ByteString[],
    options: RemoteRequestOptions = {},
  ): Promise<RemoteListing> {
    const entries: FileEntry[] = [];
    const tops = new Set(paths);
    const isAll = tops.has("");
    const words = ["--recursive", "--list-only", "--links", "--times", ...(isAll ? [] : LISTED)];
    // A list of names wants a destination, in which nothing is done.
    const request = this.#request("pull", words, [this.#contents, "."], options);
    const observer: TransferObserver = {
      ...options.observer,
      listed(entry) {
        if (entry.name !== "." && (isAll || isBelow(entry.name, tops))) entries.push(entry);
      },
    };
    const names = isAll ? {} : { names: listOf(paths) };
    return { ...(await this.#run(request, { ...options, observer }, names)), entries };
  }

  /** The address with a slash at its end. */
  get #contents(): ByteString {
    return this.#address.endsWith("/") ? this.#address : `${this.#address}/`;
  }

  #pushRequest(
    root: ByteString,
    options: RemoteRequestOptions = {},
    chosen: Partial<Settings> = {},
    directory: ByteString = "",
  ): Request {
    // A daemon takes what follows its module's name for an option when it looks like one.
    const there = directory === "" ? this.#address : `${this.#contents}./${directory}/`;
    return this.#request("push", SELECTED, [rootPath(root), there], options, chosen);
  }

  /** @param chosen counts more than any words */
  #request(
    direction: "push" | "pull",
    words: readonly string[],
    paths: readonly ByteString[],
    { args = [], rules = [], bandwidth }: RemoteRequestOptions,
    chosen: Partial<Settings> = {},
  ): Request {
    const last = { ...chosen, ...(bandwidth === undefined ? {} : { bwlimit: bandwidth }) };
    const key = [direction, ...words, ...args, JSON.stringify(last), ...paths].join("\0");
    const known = this.#requests.get(key);
    if (known !== undefined && rules.length === 0) return known;
    const { args: own = [], ...connection } = this.#options;
    const all = [...connectionWords(connection), ...own, ...words, ...args];
    const request = readRequest(all, paths, {
      direction,
      adjust(settings) {
        assertHarmless(settings);
        Object.assign(settings, NO_DELETIONS, last);
        settings.filters = [...settings.filters, ...rules.map(filterOption)];
      },
    });
    if (this.#requests.size >= MAX_REQUESTS) this.#requests.clear();
    if (rules.length === 0) this.#requests.set(key, request);
    return request;
  }

  async #run(
    request: Request,
    { connection, observer = {}, signal }: RemoteRequestOptions,
    more: Pick<ClientRun, "push" | "names">,
  ): Promise<RemoteResult> {
    if (connection !== undefined && isToldOtherwise(connection, request)) {
      throw new ToldOtherwise();
    }
    const asked = this.#runOf(request, observer, signal);
    const { push, names } = more;
    asked.push = push;
    asked.names = names;
    asked.connection =
      connection ??
      (request.transfer.transport === "daemon" ? await this.connect(signal) : undefined);
    const { exitCode, statistics, protocol } = await runClient(await prepareRun(asked));
    if (statistics === null) throw new UsageError("the address names no module");
    return { exitCode, statistics, protocol };
  }

  #runOf(request: Request, observer: TransferObserver, signal: AbortSignal | undefined): ClientRun {
    const run = runOf(request, this.#options, observer, undefined, this.#environment);
    if (signal !== undefined) run.signal = signal;
    return run;
  }
}

/** The connection was opened for a push like the last one, and this request is another one. Nothing has happened. */
export class ToldOtherwise extends Error {}

function isToldOtherwise(
  { opening, protocol }: DaemonConnection,
  { settings, transfer }: Request,
): boolean {
  if (opening === null) return false;
  const session = { transport: "daemon", protocol, paths: remotePaths(transfer) } as const;
  return serverWords(settings, { direction: transfer.direction, ...session }) !== opening.words;
}

function isBelow(name: ByteString, tops: ReadonlySet<ByteString>): boolean {
  for (let slash = name.indexOf("/"); slash > 0; slash = name.indexOf("/", slash + 1)) {
    if (tops.has(name.slice(0, slash))) return true;
  }
  return false;
}

/** Nothing is ever taken away here. @throws UsageError */
function assertHarmless({ removeSource, batchMode, filesFrom }: Settings): void {
  if (removeSource > 0 || batchMode !== null || (filesFrom !== null && filesFrom !== "-")) {
    const options = "--remove-source-files, --files-from and batches";
    throw new UsageError(`${options} can not be used with what is chosen by a program`);
  }
}

/** What is deleted is up to each request. */
const NO_DELETIONS: Partial<Settings> = {
  deleteMode: false,
  deleteBefore: false,
  deleteDuring: 0,
  deleteAfter: false,
  deleteExcluded: false,
};

function filterOption(text: ByteString): FilterOption {
  return { kind: "filter", text, from0: false };
}

const NOTHING: PathSelection = { present: [], missing: [], moved: [], keepsHardLinks: false };
/** Nobody waits for a connection that is given back for longer. */
const RELEASE_MS = 2000;

/** The list of names is the transfer. */
const LISTED = ["--files-from=-", "--from0", "--relative"];
/** The directories on the way come with their attributes: what is made in them gives them new times. */
const IF_THERE = ["--ignore-missing-args", "--implied-dirs"];
const SELECTED = ["--no-recursive", "--dirs", "--relative", "--no-implied-dirs", "--force"];

/** Words come in few combinations, but those with a date in them change. */
const MAX_REQUESTS = 64;

/** A root as a source argument that stands for its contents. */
function rootPath(root: ByteString): ByteString {
  return root.endsWith("/") ? root : `${root}/`;
}

/** A list as `--files-from` takes it; names that look like comments are told from such. */
function listOf(names: readonly ByteString[]) {
  return { chunks: [encodeByteString(names.map((name) => `./${name}\0`).join(""))], nulEnds: true };
}
