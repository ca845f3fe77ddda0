/**
 * What a server tells its client of its own accord: the client can see the rest in what it receives or answers.
 * @module
 */
import type { ResolvedSettings } from "@tsrsync/protocol/arguments";
import type { FileEntry } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import { digitSeparator, entryLine, type NumberStyle } from "../text/index.js";
import type {
  DeletionEvent,
  ItemEvent,
  NoticeEvent,
  SkipEvent,
  TransferObserver,
} from "./observer.js";
import type { Session } from "./session.js";

/** Why a file was left alone, in a line (spec 4-command, 13.7). */
export function skipText({ path, why, target = "" }: SkipEvent): ByteString {
  switch (why) {
    case "newer":
      return `${path} is newer`;
    case "exists":
      return `${path} exists`;
    case "type change":
    case "sum change":
    case "file change":
    case "attr change":
    case "uptodate":
      return `${path} exists (${why})`;
    case "not there":
      return `not creating new file "${path}"`;
    case "no such directory":
      return `not creating new directory "${path}"`;
    case "over max-size":
      return `${path} is over max-size`;
    case "under min-size":
      return `${path} is under min-size`;
    case "unsafe link":
      return `ignoring unsafe symlink "${path}" -> "${target}"`;
    case "unsafe backup":
      return `not backing up unsafe symlink "${path}" -> "${target}"`;
  }
}

/** Where backups go to, in a line. */
export function backupDirectoryText(path: ByteString, isNew: boolean): ByteString {
  return `${isNew ? "(new) " : ""}backup_dir is ${path}`;
}

/** Sends lines to the client of `session`, which is set as soon as there is one. */
export class ServerObserver implements TransferObserver {
  session: Session | null = null;
  readonly #log: TransferObserver;
  readonly #numbers: NumberStyle;
  readonly #showsTargets: boolean;
  readonly #levels: ResolvedSettings["infoLevels"]["levels"];
  readonly #tellsSkipped: boolean;
  readonly #tellsNames: boolean;
  readonly #tellsCreated: boolean;

  /** @param log takes what the server itself wants to know. */
  constructor(
    { infoLevels: { levels }, formatHasI, humanReadable, links }: ResolvedSettings,
    log: Pick<TransferObserver, "needsCost" | "begin" | "item" | "deleted" | "notice"> = {},
  ) {
    this.#log = log;
    this.#levels = levels;
    this.#numbers = { humanLevel: humanReadable, separator: digitSeparator(process.env) };
    this.#showsTargets = links;
    this.#tellsSkipped = levels.SKIP > 0;
    this.#tellsNames = levels.NAME > 0;
    this.#tellsCreated = levels.NAME > 0 || formatHasI > 0;
  }

  skipped(event: SkipEvent): void {
    const isTold = event.why.startsWith("unsafe") ? this.#tellsNames : this.#tellsSkipped;
    if (isTold) this.session?.notice("info", skipText(event));
  }

  listed(entry: FileEntry): void {
    this.session?.notice("info", entryLine(entry, this.#numbers, this.#showsTargets));
  }

  backedUp({ path, backup }: { path: ByteString; backup: ByteString }): void {
    if (this.#levels.BACKUP > 0) this.session?.notice("info", `backed up ${path} to ${backup}`);
  }

  backupDirectory({ path, isNew }: { path: ByteString; isNew: boolean }): void {
    if (this.#levels.BACKUP > 0) this.session?.notice("info", backupDirectoryText(path, isNew));
  }

  removedSource(path: ByteString): void {
    if (this.#levels.REMOVE > 0) this.session?.notice("info", `sender removed ${path}`);
  }

  createdDestination(path: ByteString): void {
    if (this.#tellsCreated) this.session?.notice("info", `created directory ${path}`);
  }

  get needsCost(): boolean {
    return this.#log.needsCost ?? false;
  }

  begin(incremental: boolean): void {
    this.#log.begin?.(incremental);
  }

  item(event: ItemEvent): void {
    this.#log.item?.(event);
  }

  deleted(event: DeletionEvent): void {
    this.#log.deleted?.(event);
  }

  notice(event: NoticeEvent): void {
    this.#log.notice?.(event);
  }
}
