/**
 * The library: `push`, `pull`, `list` and `listModules`.
 * @module
 */
import { type ExitCode, UsageError } from "@tsrsync/protocol";
import { parseModuleLine } from "@tsrsync/protocol/handshake";
import { ItemFlag } from "@tsrsync/protocol/item";
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import type { TransferObserver, TransferStatistics } from "@tsrsync/transfer";
import type { ConnectionOptions, ListedItem, SyncOptions } from "./options.js";
import { connectionWords, optionWords } from "./options.js";
import { readRequest, runOf, toText } from "./request.js";
import { prepareRun, runClient } from "./run-client.js";

/** How a run ended that came to its end. */
export interface SyncResult {
  /**
   * 0: everything is as wanted. 23: some files or attributes could not be transferred, 24: some source files vanished, 25:
   * the deletion limit stopped deletions; `problems` says more. Anything worse is thrown.
   */
  exitCode: ExitCode;
  /** What went wrong, one text per problem. */
  problems: string[];
  statistics: TransferStatistics;
}

/**
 * Sends files to a daemon: `push("site/", "rsync://host/module/site/")`. Paths mean what they mean to rsync: with a slash at
 * its end a source stands for its contents.
 * @throws RsyncError with rsync's exit code when the run could not come to its end.
 */
export function push(
  sources: string | readonly string[],
  destination: string,
  options: SyncOptions = {},
): Promise<SyncResult> {
  return synchronize("push", [...[sources].flat(), destination], options);
}

/**
 * Fetches files from a daemon: `pull("rsync://host/module/data/", "data/")`.
 * @throws RsyncError with rsync's exit code when the run could not come to its end.
 */
export function pull(
  sources: string | readonly string[],
  destination: string,
  options: SyncOptions = {},
): Promise<SyncResult> {
  return synchronize("pull", [...[sources].flat(), destination], options);
}

/** What a daemon has at `source`; with `recursive` all that is in it. Nothing is transferred. */
export async function list(
  source: string,
  options: ConnectionOptions & { recursive?: boolean } = {},
): Promise<ListedItem[]> {
  const items: ListedItem[] = [];
  const words = [
    "--list-only",
    "--links",
    "--times",
    ...(options.recursive ? ["--recursive"] : []),
  ];
  const observer: TransferObserver = {
    listed(entry) {
      items.push({
        ...describe(entry),
        linkTarget: entry.extra?.linkTarget == null ? null : toText(entry.extra.linkTarget),
      });
    },
  };
  await run([...words, ...connectionWords(options)], [source], options, observer);
  return items;
}

/** The modules that a daemon shows: `listModules("rsync://host/")`. */
export async function listModules(
  address: string,
  options: ConnectionOptions = {},
): Promise<{ name: string; comment: string }[]> {
  const modules: { name: string; comment: string }[] = [];
  const onText = (line: ByteString) => {
    const module = parseModuleLine(line);
    if (module === null) options.onMessageOfTheDay?.(toText(line));
    else modules.push({ name: toText(module.name), comment: toText(module.comment) });
  };
  await run(connectionWords(options), [address], options, {}, onText);
  return modules;
}

async function synchronize(
  direction: "push" | "pull",
  paths: string[],
  options: SyncOptions,
): Promise<SyncResult> {
  const problems: string[] = [];
  const observer = observerOf(options, problems);
  const { result, transfer } = await run(
    optionWords(options),
    paths,
    options,
    observer,
    undefined,
    direction,
  );
  if (result.statistics === null) throw new UsageError(`nothing to ${transfer.direction}`);
  return { exitCode: result.exitCode, problems, statistics: result.statistics };
}

async function run(
  words: string[],
  paths: string[],
  options: ConnectionOptions,
  observer: TransferObserver,
  onText?: (line: ByteString) => void,
  direction?: "push" | "pull",
) {
  const request = readRequest(words, paths.map(byteStringFromText), { direction });
  const result = await runClient(await prepareRun(runOf(request, options, observer, onText)));
  return { result, transfer: request.transfer };
}

function describe(entry: {
  name: ByteString;
  mode: number;
  size: number;
  mtime: number;
  mtimeNs: number;
}) {
  const { name, mode, size, mtime, mtimeNs } = entry;
  const mtimeMs = mtime * 1000 + Math.trunc(mtimeNs / 1e6);
  return { name: toText(name), nameBytes: name, mode, size, mtimeMs };
}

function observerOf(options: SyncOptions, problems: string[]): TransferObserver {
  const { onItem, onDelete, onProgress } = options;
  const observer: TransferObserver = {
    notice({ level, text }) {
      if (level !== "info") problems.push(toText(text).trimEnd());
    },
  };
  if (onItem) {
    observer.item = ({ entry, flags }) =>
      onItem({
        ...describe(entry),
        isTransfer: (flags & ItemFlag.Transfer) !== 0,
        isNew: (flags & ItemFlag.IsNew) !== 0,
      });
  }
  if (onDelete) observer.deleted = ({ path, isDirectory }) => onDelete(toText(path), isDirectory);
  if (onProgress) {
    observer.progress = ({ entry, position, transferredFiles, entriesLeft, entriesTotal }) =>
      onProgress({
        name: toText(entry.name),
        position,
        size: entry.size,
        transferredFiles,
        entriesLeft,
        entriesTotal,
      });
  }
  return observer;
}
