/**
 * The filters of a destination: which items deletion leaves alone, and which a daemon does not take.
 * Spec: docs/protocol/2-file-list.md, 2.15.2.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Destination } from "../receiver/destination.js";
import type { Awaitable } from "../tree/file-tree.js";
import { DirectoryFilter } from "./directory-filter.js";
import type { SessionFilters } from "./session-filters.js";

export class DestinationFilter {
  readonly #outermost: DirectoryFilter;
  /** The filter of each directory that was looked at: its rule files are read once, when it is first scanned. */
  readonly #known = new Map<ByteString, DirectoryFilter>();

  private constructor(outermost: DirectoryFilter) {
    this.#outermost = outermost;
  }

  /** `null` when there is nothing to ask. */
  static async open(
    filters: SessionFilters,
    destination: Destination,
  ): Promise<DestinationFilter | null> {
    const outermost = await DirectoryFilter.open(filters, destination);
    return outermost === null ? null : new DestinationFilter(outermost);
  }

  /** The filter for the items of a directory of the destination. */
  at(directory: ByteString): Awaitable<DirectoryFilter> {
    const known = this.#known.get(directory);
    if (known !== undefined) return known;
    const outer = directory === "." ? this.#outermost : this.at(parentOf(directory));
    const entered =
      outer instanceof Promise
        ? outer.then((filter) => filter.enter(directory))
        : outer.enter(directory);
    if (entered instanceof Promise) return entered.then((filter) => this.#keep(directory, filter));
    return this.#keep(directory, entered);
  }

  #keep(directory: ByteString, filter: DirectoryFilter): DirectoryFilter {
    this.#known.set(directory, filter);
    return filter;
  }

  /** True when a daemon does not take an item of this name. */
  refuses(path: ByteString, isDirectory: boolean): boolean {
    return this.#outermost.hides(path, isDirectory);
  }
}

function parentOf(path: ByteString): ByteString {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash);
}
