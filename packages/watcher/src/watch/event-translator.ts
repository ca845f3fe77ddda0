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
import { joinPath, type MarkSink, parentPath } from "./mark-sink.js";
import { type Departure, Moves } from "./moves.js";
import type { OpenFiles } from "./open-files.js";
import type { RootWatchOptions } from "./options.js";
import type { Adoption, WatchedTree } from "./watched-tree.js";

/** What happens to a root as a whole. */
export type RootLoss = "gone" | "unmounted";

export interface TranslatorContext {
  options: Pick<RootWatchOptions, "events" | "isHidden" | "hidesByPath">;
  watched: WatchedTree;
  marks: MarkSink;
  openFiles: OpenFiles;
  /** Walks what is in a directory that is new; `mark`: marks each entry that is found. */
  explore(node: number, mark: boolean): void;
  /** Walks a directory that is known already, because watches in it may be missing. */
  exploreAgain(node: number): void;
  /** Whether what is at a path was written to within the last seconds. */
  isYoung(path: ByteString): boolean;
  overflowed(): void;
  rootLost(loss: RootLoss): void;
  /** The file system with this directory, which is not the root, was unmounted. */
  unmountedBelow(path: ByteString): void;
  /** A name in the root's own directory went away, or the root itself may be another one. */
  rootThinned(name: ByteString): void;
  warn(text: string): void;
}

export class EventTranslator {
  readonly #context: TranslatorContext;
  readonly #moves: Moves;
  /** Directories whose deletion was told, until their watches are gone. */
  readonly #deleted = new Set<number>();
  /** Directories without a place below which something happened meanwhile. */
  readonly #missed = new Set<number>();

  constructor(context: TranslatorContext) {
    this.#context = context;
    this.#moves = new Moves(
      (departure) => this.#left(departure),
      () => context.marks.flush(),
    );
  }

  /** Takes one event. */
  take(watch: number, mask: number, cookie: number, name: ByteString): void {
    if (mask & IN_Q_OVERFLOW) {
      this.#context.overflowed();
      return;
    }
    const { tree } = this.#context.watched;
    const node = tree.byWatch(watch);
    if (node === NO_NODE) return; // given up, or watched by another root
    const parent = tree.path(node);
    if (mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) {
      this.#self(node, mask, parent);
    } else if (parent === null) this.missed(node);
    else if (name === "") this.#directoryTouched(parent, mask);
    else this.#named(node, mask, cookie, name, joinPath(parent, name));
  }

  /** Nothing that happened before is still to be told: what waits for a partner waits in vain. */
  settleMoves(): void {
    this.#moves.endAll();
  }

  dropped(node: number): void {
    this.#deleted.delete(node);
    this.#missed.delete(node);
    this.#moves.dropped(node);
  }

  /** Something about a directory without a place was not told. */
  missed(node: number): void {
    const { tree } = this.#context.watched;
    let top = node;
    while (tree.parent(top) !== NO_NODE) top = tree.parent(top);
    this.#missed.add(top);
  }

  /** Whether something about a directory that has a place again was not told. */
  takeMissed(node: number): boolean {
    return this.#missed.delete(node);
  }

  close(): void {
    this.#moves.close();
  }

  #named(node: number, mask: number, cookie: number, name: ByteString, path: ByteString): void {
    const isDirectory = (mask & IN_ISDIR) !== 0;
    if (this.#context.options.isHidden?.(path, isDirectory)) return;
    if (mask & IN_CREATE) this.#created(node, name, path, isDirectory);
    else if (mask & IN_CLOSE_WRITE) this.#closed(node, name, path);
    else if (mask & IN_MODIFY) this.#modified(node, name, path);
    else if (mask & IN_ATTRIB) this.#touched(node, name, path, isDirectory);
    else if (mask & IN_DELETE) this.#removed(node, name, path, isDirectory);
    else if (mask & IN_MOVED_FROM) this.#departed(node, cookie, name, path, isDirectory);
    else if (mask & IN_MOVED_TO) this.#arrived(node, cookie, name, path, isDirectory);
  }

  #created(node: number, name: ByteString, path: ByteString, isDirectory: boolean): void {
    const { marks, openFiles, options } = this.#context;
    if (!isDirectory) {
      openFiles.created(node, name);
      marks.mark(parentPath(path));
      return;
    }
    if (!options.events.createFolder) return;
    const adoption = this.#adopt(node, name, path);
    marks.markName(path, marks.reachOfNew(path));
    if (adoption.kind === "new") this.#context.explore(adoption.node, true);
  }

  #closed(node: number, name: ByteString, path: ByteString): void {
    const { marks, openFiles, options } = this.#context;
    const mayLookTheSame = openFiles.closed(node, name) || marks.wasToldJustNow(path);
    if (options.events.closeWrite) marks.mark(path, Reach.Item, mayLookTheSame);
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

  #departed(
    node: number,
    cookie: number,
    name: ByteString,
    path: ByteString,
    isDirectory: boolean,
  ): void {
    const { openFiles, watched } = this.#context;
    const child = isDirectory ? this.#takeOut(node, name, path) : NO_NODE;
    if (node === ROOT) this.#context.rootThinned(name);
    this.#moves.wait({
      cookie,
      node: child,
      isDirectory,
      parent: node,
      name,
      path,
      openFile: isDirectory ? undefined : openFiles.left(node, name),
    });
    if (child !== NO_NODE) watched.tree.detach(child);
  }

  /** The directory that left this place, or -1. Another one may be there already: a later event will say so, too. */
  #takeOut(parent: number, name: ByteString, path: ByteString): number {
    const { tree } = this.#context.watched;
    const child = tree.find(parent, name);
    if (child === NO_NODE) return NO_NODE;
    tree.detach(child);
    const adoption = this.#adopt(parent, name, path);
    if (adoption.kind === "moved" && adoption.node === child) return NO_NODE; // it never left, or is back
    if (adoption.kind === "new") this.#context.explore(adoption.node, true);
    return child;
  }

  #arrived(
    node: number,
    cookie: number,
    name: ByteString,
    path: ByteString,
    isDirectory: boolean,
  ): void {
    const { options, openFiles } = this.#context;
    const departure = this.#moves.take(cookie);
    openFiles.left(node, name);
    if (!options.events.moveTo) {
      if (departure !== undefined) this.#left(departure);
      return;
    }
    if (departure !== undefined) this.#markDeparture(departure);
    if (isDirectory) this.#context.marks.markName(path, Reach.Tree);
    else this.#context.marks.markName(path, Reach.Item, this.#mayLookTheSame(path, departure));
    if (isDirectory) this.#placeDirectory(node, name, path, departure);
    else if (departure?.openFile !== undefined) openFiles.arrived(node, name, departure.openFile);
    if (departure !== undefined && this.#mirrorsRemovals()) {
      this.#context.marks.renamed({ from: departure.path, to: path, isDirectory });
    }
  }

  /**
   * Whether a file that took the place of another one may have that one's size and time. One from elsewhere may have any; one
   * of ours that was only just written may have been written within the same grain of time.
   */
  #mayLookTheSame(path: ByteString, departure: Departure | undefined): boolean {
    return departure === undefined || this.#context.isYoung(path);
  }

  #placeDirectory(
    parent: number,
    name: ByteString,
    path: ByteString,
    departure: Departure | undefined,
  ): void {
    const { watched, options } = this.#context;
    const moved = departure?.node ?? NO_NODE;
    if (moved !== NO_NODE) watched.place(moved, parent, name);
    const adoption = this.#adopt(parent, name, path);
    if (adoption.kind === "new") this.#context.explore(adoption.node, false);
    if (adoption.kind !== "known" || adoption.node !== moved) return;
    // Rules may hide other names below the new place than they did below the old one.
    if (options.hidesByPath) this.#context.exploreAgain(moved);
  }

  /** Something left the root, or goes where nothing is watched. */
  #left(departure: Departure): void {
    const { watched } = this.#context;
    const { node } = departure;
    // A walk may have found it in another place meanwhile.
    if (node !== NO_NODE && watched.tree.parent(node) === NO_NODE) watched.drop(node);
    this.#markDeparture(departure);
  }

  /**
   * A directory takes everything below its name away without a word about it, and another one may come under the same name
   * before anybody looks: so all that targets have below it is in question, not only the name.
   */
  #markDeparture(departure: Departure): void {
    if (!this.#mirrorsRemovals()) return;
    const { marks, watched } = this.#context;
    const reach = departure.isDirectory ? Reach.Reconcile : Reach.Item;
    marks.markName(departure.path, reach);
    const parent = departure.parent < 0 ? null : watched.tree.path(departure.parent);
    if (parent === null) return;
    const path = joinPath(parent, departure.name);
    if (path !== departure.path) marks.markName(path, reach); // its parent moved, too
  }

  #mirrorsRemovals(): boolean {
    const { events } = this.#context.options;
    return events.delete && events.moveFrom;
  }

  #adopt(parent: number, name: ByteString, path: ByteString): Adoption {
    const adoption = this.#context.watched.adopt(parent, name, path);
    if (adoption.kind === "unreadable") {
      this.#context.warn(`${path}: can not be watched (errno ${adoption.errno})`);
    }
    return adoption;
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
    watched.drop(node);
    if (wasDeleted || path === null || parent === NO_NODE) return;
    const adoption = this.#adopt(parent, name, path);
    if (adoption.kind !== "new") return;
    this.#context.marks.mark(path, Reach.Reconcile);
    this.#context.explore(adoption.node, false);
  }
}
