/**
 * One watched root, from its start to its end: the events of its directories, the walks through it, and the open files in it, put
 * together.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { InotifySource } from "../inotify/inotify-hub.js";
import type { Snapshot } from "../journal/snapshot.js";
import type { RootWatchOptions } from "./options.js";
import { RootParts } from "./root-parts.js";
import type { ScanReason } from "./root-scan.js";
import type { RootFigures, RootListener, RootState, RootWatcher } from "./root-watcher.js";
import { hasEntries } from "./snapshot-entry.js";

export class RootWatch implements RootWatcher {
  readonly #parts: RootParts;
  #state: RootState = "scanning";

  /** `source`: where watches come from, `null` where there is no inotify. */
  constructor(
    options: RootWatchOptions,
    snapshot: Snapshot,
    listener: RootListener,
    source: InotifySource | null,
  ) {
    this.#parts = new RootParts(
      { options, snapshot, listener, source },
      {
        state: () => this.#state,
        setState: (state, reason) => this.#setState(state, reason),
        begin: (reason) => this.#begin(reason),
      },
    );
  }

  get state(): RootState {
    return this.#state;
  }

  async start(): Promise<void> {
    const { options, shards, events, health, snapshot } = this.#parts;
    if (options.backend !== "poll") shards.open(events);
    const isFine = health.checkStart(await hasEntries(snapshot));
    if (isFine) await this.#begin({ kind: "start" });
  }

  async drain(): Promise<void> {
    const { events, poller, links, openFiles, marks, linked } = this.#parts;
    await events.settled();
    await this.#walked();
    await poller.round();
    links?.poll();
    await this.#walked();
    openFiles.testAll(true);
    marks.flush();
    await linked?.settled();
  }

  calm(forMs: number): void {
    const { shards, linked } = this.#parts;
    // A name that is linked, written through and gone before it is looked at says nothing of the file's other names.
    shards.calm(linked?.hasSome === true ? 0 : forMs);
  }

  resume(): Promise<void> {
    return this.#parts.health.resume();
  }

  tellAgain(paths: readonly ByteString[]): void {
    if (this.#state === "closed") return;
    const { marks } = this.#parts;
    for (const path of paths) marks.mark(path);
    marks.flush();
  }

  brought(path: ByteString): void {
    this.#parts.poller.brought(path);
  }

  figures(): RootFigures {
    const { events, scans, watched, shards, openFiles } = this.#parts;
    return {
      ...events.figures,
      ...scans.figures,
      watches: watched.watches,
      shards: shards.count,
      polledDirectories: watched.polled.size,
      openFiles: openFiles.count,
    };
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#setState("closed", "closed");
    await this.#parts.close();
  }

  /** Resolves when no walk is left, nor a link that walks have met. */
  async #walked(): Promise<void> {
    const { explorer, links } = this.#parts;
    await explorer.walks.idle();
    while (links?.isIdle === false) {
      await links.idle();
      await explorer.walks.idle();
    }
  }

  /** Watches and walks a root that the guard has nothing against. */
  async #begin(reason: ScanReason): Promise<void> {
    const { disk, options, walk, watched, health, scans } = this.#parts;
    const root = disk.lookAtRoot();
    walk.device = options.oneFileSystem && root !== null ? root.device : null;
    const outcome = watched.adoptRoot();
    if (outcome < 0) {
      const reasonText = `${options.path}: can not be watched (errno ${-outcome})`;
      health.halt({ state: "root-gone", reason: reasonText });
      return;
    }
    this.#setState("scanning", reason.kind === "back" ? "the root is back" : "the root is walked");
    await scans.add(reason);
    if (this.#state === "scanning") this.#setState("live", "the walk is done");
  }

  #setState(state: RootState, reason: string): void {
    if (this.#state === state && state !== "scanning") return;
    this.#state = state;
    this.#parts.listener.state(state, reason);
  }
}
