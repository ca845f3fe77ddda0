/**
 * What renames mean: inside the root, into it and out of it (spec 6, 3.2).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { Reach } from "../state/mark.js";
import { NO_NODE, ROOT } from "./directory-tree.js";
import { joinPath } from "./mark-sink.js";
import { type Departure, Moves } from "./moves.js";
import { adoptOrWarn, type TranslatorContext } from "./translator-context.js";

export class RenameTranslator {
  readonly #context: TranslatorContext;
  readonly #moves: Moves;
  /** Directories without a place below which something happened meanwhile. */
  readonly #missed = new Set<number>();

  constructor(context: TranslatorContext) {
    this.#context = context;
    this.#moves = new Moves({
      gone: (departure) => this.#left(departure),
      told: () => context.marks.flush(),
      isArriving: (cookie) => context.isArriving(cookie),
      restMs: () => context.restMs(),
    });
  }

  /** All second halves have come that ever will. */
  settle(): void {
    this.#moves.endAll();
  }

  dropped(node: number): void {
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

  /** Whether the first half of a rename waits for the second one. */
  isAwaited(cookie: number): boolean {
    return this.#moves.isAwaited(cookie);
  }

  close(): void {
    this.#moves.close();
  }

  /** The first half: a name went away. */
  departed(
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
      shard: watched.tree.shard(node),
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
    const adoption = adoptOrWarn(this.#context, parent, name, path, tree.shard(child));
    if (adoption.kind === "moved" && adoption.node === child) return NO_NODE; // it never left, or is back
    if (adoption.kind === "new") this.#context.explore(adoption.node, true);
    return child;
  }

  /** The second half: a name appeared. */
  arrived(
    node: number,
    cookie: number,
    name: ByteString,
    path: ByteString,
    isDirectory: boolean,
  ): void {
    const { options, openFiles, watched } = this.#context;
    const departure = this.#moves.take(cookie, watched.tree.shard(node));
    openFiles.left(node, name);
    if (!options.events.moveTo) {
      if (departure !== undefined) this.#left(departure);
      return;
    }
    const isKnownThere = departure !== undefined && this.#mayBeKnown(departure);
    if (departure !== undefined) this.#markDeparture(departure);
    if (isDirectory) this.#markArrival(path, departure);
    // What had the name before may have had the same size and time: nothing is said about that.
    else this.#context.marks.markName(path, Reach.Item, true);
    if (isDirectory) this.#placeDirectory(node, name, path, departure);
    else if (departure?.openFile !== undefined) openFiles.arrived(node, name, departure.openFile);
    if (departure !== undefined) this.#markStale(node, name, path, departure.shard);
    if (isKnownThere && this.#mirrorsRemovals()) {
      this.#context.marks.renamed({ from: departure.path, to: path, isDirectory });
    }
  }

  /** Whether targets may have a file under its old name: not one that was written only just now, to be renamed when it is complete. */
  #mayBeKnown({ isDirectory, path }: Departure): boolean {
    return isDirectory || !this.#context.marks.isGathered(path);
  }

  /** Names may have been copied already, and be gone, from a directory that was not watched until now. */
  #markArrival(path: ByteString, departure: Departure | undefined): void {
    const { marks, watched } = this.#context;
    const wasWatched =
      departure !== undefined && departure.node !== NO_NODE && watched.polled.size === 0;
    const isKnown = !wasWatched && marks.reachOfNew(path) === Reach.Reconcile;
    marks.markName(path, isKnown ? Reach.Reconcile : Reach.Tree);
  }

  /**
   * The events of another shard than that which told where a directory went may have been taken while it was thought to be in its
   * old place: then what they told is wrong by its name.
   */
  #markStale(parent: number, name: ByteString, path: ByteString, shard: number): void {
    const { marks, watched } = this.#context;
    const node = watched.tree.find(parent, name);
    if (node === NO_NODE || watched.tree.isWhollyIn(node, shard)) return;
    marks.mark(path, Reach.Reconcile);
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
    const adoption = adoptOrWarn(this.#context, parent, name, path);
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
}
