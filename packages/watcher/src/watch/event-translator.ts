/**
 * What each event, or sequence of events, means for the mirror: the table of spec 6, 3.2. The order of events does not matter,
 * only that each change is followed by a mark.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  IN_ATTRIB,
  IN_CLOSE_WRITE,
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_IGNORED,
  IN_ISDIR,
  IN_MODIFY,
  IN_MOVE_SELF,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_Q_OVERFLOW,
  IN_UNMOUNT,
} from "../inotify/flags.js";
import { Reach } from "../state/mark.js";
import { NO_NODE, ROOT } from "./directory-tree.js";
import { joinPath, parentPath } from "./mark-sink.js";
import { RenameTranslator } from "./rename-translator.js";
import { adoptOrWarn, type TranslatorContext } from "./translator-context.js";

export class EventTranslator {
  readonly #context: TranslatorContext;
  readonly #renames: RenameTranslator;
  /** Directories whose deletion was told, until their watches are gone. */
  readonly #deleted = new Set<number>();

  constructor(context: TranslatorContext) {
    this.#context = context;
    this.#renames = new RenameTranslator(context);
  }

  /** Takes one event of a shard. */
  take(shard: number, watch: number, mask: number, cookie: number, name: ByteString): void {
    if (mask & IN_Q_OVERFLOW) {
      this.#context.overflowed(shard);
      return;
    }
    const { tree, isSharing } = this.#context.watched;
    const node = tree.byWatch(shard, watch);
    if (node === NO_NODE) return; // given up, or watched by another root
    if (isSharing && tree.nextByWatch(node) !== NO_NODE) this.#takeShared(node, mask, cookie, name);
    else this.#takeFor(node, mask, cookie, name);
  }

  /** The directory is in several places: what happened in it happened in each of them. */
  #takeShared(first: number, mask: number, cookie: number, name: ByteString): void {
    const { tree } = this.#context.watched;
    const watch = tree.watch(first);
    const nodes: number[] = [];
    for (let node = first; node !== NO_NODE; node = tree.nextByWatch(node)) nodes.push(node);
    for (const node of nodes) {
      // What was done about one may have taken another one away.
      if (tree.watch(node) === watch) this.#takeFor(node, mask, cookie, name);
    }
  }

  #takeFor(node: number, mask: number, cookie: number, name: ByteString): void {
    const { tree } = this.#context.watched;
    const parent = tree.path(node);
    if (mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) {
      this.#self(node, mask, parent);
    } else if (parent === null) this.missed(node);
    else if (name === "") this.#directoryTouched(parent, mask);
    else if ((mask & IN_MODIFY) !== 0 && this.#isWrittenOn(node, name)) return;
    else this.#named(node, mask, cookie, name, joinPath(parent, name));
  }

  /** Nothing that happened before is still to be told: what waits for a partner waits in vain, what waits for silence no longer. */
  settle(): void {
    this.#context.marks.flushAll();
    this.#renames.settle();
  }

  dropped(node: number): void {
    this.#deleted.delete(node);
    this.#renames.dropped(node);
  }

  /** Something about a directory without a place was not told. */
  missed(node: number): void {
    this.#renames.missed(node);
  }

  /** Whether something about a directory that has a place again was not told. */
  takeMissed(node: number): boolean {
    return this.#renames.takeMissed(node);
  }

  /** Whether the first half of a rename waits for the second one. */
  isAwaited(cookie: number): boolean {
    return this.#renames.isAwaited(cookie);
  }

  close(): void {
    this.#context.marks.close();
    this.#renames.close();
  }

  #named(node: number, mask: number, cookie: number, name: ByteString, path: ByteString): void {
    const isDirectory = (mask & IN_ISDIR) !== 0;
    if (this.#context.options.isHidden?.(path, isDirectory)) {
      if (mask & (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)) {
        this.#context.marks.touchLater(parentPath(path));
      }
      return;
    }
    if (mask & IN_CREATE) this.#created(node, name, path, isDirectory);
    else if (mask & IN_CLOSE_WRITE) this.#closed(node, name, path);
    else if (mask & IN_MODIFY) this.#modified(node, name, path);
    else if (mask & IN_ATTRIB) this.#touched(node, name, path, isDirectory);
    else if (mask & IN_DELETE) this.#removed(node, name, path, isDirectory);
    else if (mask & IN_MOVED_FROM) this.#renames.departed(node, cookie, name, path, isDirectory);
    else if (mask & IN_MOVED_TO) this.#renames.arrived(node, cookie, name, path, isDirectory);
  }

  #created(node: number, name: ByteString, path: ByteString, isDirectory: boolean): void {
    const { marks, openFiles, options } = this.#context;
    if (!isDirectory) {
      openFiles.created(node, name);
      marks.touchLater(parentPath(path));
      return;
    }
    if (!options.events.createFolder) return;
    const adoption = adoptOrWarn(this.#context, node, name, path);
    marks.markName(path, marks.reachOfNew(path));
    if (adoption.kind === "new") this.#context.explore(adoption.node, true);
  }

  #closed(node: number, name: ByteString, path: ByteString): void {
    const { marks, openFiles, options } = this.#context;
    const mayLookTheSame = openFiles.closed(node, name) || marks.wasToldJustNow(path);
    if (options.events.closeWrite) marks.mark(path, Reach.Item, mayLookTheSame);
  }

  /** It is known that a file is being written to, and nothing is told before it is closed. */
  #isWrittenOn(node: number, name: ByteString): boolean {
    const { openFiles, options } = this.#context;
    return options.events.modify !== true && openFiles.isChanged(node, name);
  }

  #modified(node: number, name: ByteString, path: ByteString): void {
    const { marks, openFiles, options } = this.#context;
    openFiles.modified(node, name, options.events.modify === false);
    if (options.events.modify === true) marks.mark(path);
  }

  #touched(node: number, name: ByteString, path: ByteString, isDirectory: boolean): void {
    const { marks, openFiles, options, watched } = this.#context;
    const { createFolder } = options.events;
    if (isDirectory && createFolder && watched.tree.find(node, name) === NO_NODE) {
      // It may have been closed to us until now.
      const adoption = watched.adopt(node, name, path);
      if (adoption.kind === "new") this.#context.explore(adoption.node, true);
    }
    if (!options.events.attrib) return;
    if (isDirectory || !openFiles.isBeingMade(node, name)) marks.mark(path);
  }

  #directoryTouched(path: ByteString, mask: number): void {
    if ((mask & IN_ATTRIB) !== 0 && this.#context.options.events.attrib) {
      this.#context.marks.mark(path);
    }
  }

  #removed(node: number, name: ByteString, path: ByteString, isDirectory: boolean): void {
    const { marks, openFiles, options, watched } = this.#context;
    openFiles.left(node, name);
    if (isDirectory) {
      const child = watched.tree.find(node, name);
      // A watched one has been forgotten by its own event, or is another one by now.
      if (child !== NO_NODE && watched.polled.has(child)) watched.displace(child);
    }
    if (node === ROOT) this.#context.rootThinned(name);
    if (options.events.delete) marks.markName(path);
  }

  #self(node: number, mask: number, path: ByteString | null): void {
    if (mask & IN_MOVE_SELF) {
      if (node === ROOT) this.#context.rootLost("gone");
    } else if (mask & IN_DELETE_SELF) {
      if (node === ROOT) this.#context.rootLost("gone");
      else this.#deleted.add(node);
    } else if (mask & IN_UNMOUNT) this.#unmounted(node, path);
    else this.#ignored(node, path);
  }

  #unmounted(node: number, path: ByteString | null): void {
    const { watched } = this.#context;
    if (node === ROOT) {
      this.#context.rootLost("unmounted");
      return;
    }
    watched.watchIsGone(node);
    watched.drop(node);
    if (path !== null) this.#context.unmountedBelow(path);
  }

  #ignored(node: number, path: ByteString | null): void {
    const { watched } = this.#context;
    watched.watchIsGone(node);
    if (node === ROOT) {
      this.#context.rootLost("gone");
      return;
    }
    const wasDeleted = this.#deleted.has(node);
    const parent = watched.tree.parent(node);
    const name = watched.tree.name(node);
    // What is still known below it was deleted, too: other shards will tell, but then nobody will know where that was.
    if (watched.tree.firstChild(node) === NO_NODE) watched.drop(node);
    else watched.displace(node);
    if (wasDeleted || path === null || parent === NO_NODE) return;
    const adoption = adoptOrWarn(this.#context, parent, name, path);
    if (adoption.kind !== "new") return;
    this.#context.marks.mark(path, Reach.Reconcile);
    this.#context.explore(adoption.node, false);
  }
}
