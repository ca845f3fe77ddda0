/**
 * What a session writes to a log: how it began, its items and deletions, texts, and its totals. Spec: docs/protocol/4-command.md,
 * 13.6; 5-daemon.md, 5.10.
 * @module
 */
import type { ResolvedSettings } from "@tsrsync/protocol/arguments";
import { ItemFlag } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  compileOutFormat,
  type DaemonFacts,
  deletionEvent,
  deletionLine,
  itemLine,
  type NamePolicy,
  type OutFormat,
  type PrintedItem,
  printedItem,
} from "../item-lines/index.js";
import type {
  DeletionEvent,
  ItemEvent,
  NoticeEvent,
  TransferObserver,
} from "../session/observer.js";
import { BUILDING_LIST_TEXT, RECEIVING_LIST_TEXT, totalsText } from "./session-texts.js";

/** What a log depends on. */
export interface SessionLogOptions {
  settings: Pick<ResolvedSettings, "dryRun" | "formatHasI" | "group" | "infoLevels" | "times">;
  /** The format of items. Empty: of these only deletions are told; `null`: nothing of the kind. */
  format: ByteString | null;
  sending: boolean;
  /** We are the sender of a copy without a connection. */
  local: boolean;
  /** A server tells of less: without `%i` of files with data only, and of nothing in a dry run. */
  isServer: boolean;
  daemon: DaemonFacts | null;
  /** What `%f` shows, where that is not the name with the directory of its source. */
  pathOf?: (event: ItemEvent) => ByteString;
  pathOfDeleted?: (path: ByteString) => ByteString;
}

export class SessionLog implements TransferObserver {
  readonly #write: (text: ByteString) => void;
  readonly #options: SessionLogOptions;
  readonly #format: OutFormat | null;
  readonly #policy: NamePolicy;

  /** @param write takes one line of the log, without LF */
  constructor(write: (text: ByteString) => void, options: SessionLogOptions) {
    const { format, settings, local, daemon } = options;
    this.#write = write;
    this.#options = options;
    this.#format =
      format === null || format === ""
        ? null
        : compileOutFormat(format, {
            local,
            preserveTimes: settings.times,
            separator: ",",
            processId: process.pid,
            now: () => Math.floor(Date.now() / 1000),
            daemon,
          });
    const { formatHasI, infoLevels } = settings;
    const hasItemize = this.#format?.hasItemize ?? false;
    this.#policy = {
      hasFormat: true,
      // A client logs what it shows, in whatever format.
      hasItemize: options.isServer ? hasItemize : formatHasI > 0,
      hasOperation: false,
      everyItem: formatHasI > 1,
      nameLevel: options.isServer ? 0 : infoLevels.levels.NAME,
      deleteLevel: 0,
    };
  }

  get needsCost(): boolean {
    return this.#format?.isLate ?? false;
  }

  begin(): void {
    this.#write(this.#options.sending ? BUILDING_LIST_TEXT : RECEIVING_LIST_TEXT);
  }

  item(event: ItemEvent): void {
    if (this.#format === null) return;
    const { settings, pathOf } = this.#options;
    const item = printedItem(event, { groups: settings.group, ...(pathOf && { pathOf }) });
    if (this.#isTold(item)) this.#write(this.#format.format(item));
  }

  #isTold(item: PrintedItem): boolean {
    const { isServer, settings } = this.#options;
    const isTransfer = (item.itemFlags & ItemFlag.Transfer) !== 0;
    if (settings.dryRun && (isServer || isTransfer)) return false;
    if (isServer && !this.#policy.hasItemize) return isTransfer;
    return itemLine(item, this.#policy) === "format";
  }

  deleted(event: DeletionEvent): void {
    const { settings, pathOfDeleted } = this.#options;
    if (this.#options.format === null || settings.dryRun) return;
    const item = deletionEvent(event, settings.group);
    if (pathOfDeleted) item.path = pathOfDeleted(event.path);
    const format = this.#format;
    const isFormatted = format !== null && (format.hasItemize || format.hasOperation);
    this.#write(isFormatted ? format.format(item) : deletionLine(item));
  }

  notice({ text, isName }: NoticeEvent): void {
    if (!isName) this.text(text);
  }

  /** One or more lines; those without text are left out. */
  text(text: ByteString): void {
    for (const line of text.split("\n")) if (line !== "") this.#write(line);
  }

  /** The end of a session: bytes sent and received, and the size of all that the list has. */
  totals(sent: number, received: number, totalSize: number): void {
    this.#write(totalsText(sent, received, totalSize));
  }
}
