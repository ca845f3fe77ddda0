/**
 * The directories that a sender has entered, by what its arguments name.
 * @module
 */
import { FileSelectionError, RsyncError } from "@tsrsync/protocol";
import type { FileEntry } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import { assertReachable } from "../attributes/set-up.js";
import type { FilterPlace } from "../filter/rule-files.js";
import { sourceTreeFor } from "../session/acting-user.js";
import type { Session } from "../session/session.js";
import type { Awaitable, FileTree } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import { looksThroughLinks } from "./look-through.js";
import { MAX_SOURCES, type Source, sourceIndexOf } from "./source.js";

/** The world in which sources lie: this machine, or a module. Links on the way to a directory are followed as it allows. */
export interface SourcePlace {
  /**
   * A tree rooted at a directory.
   * @param linksLeadOut links are looked through wherever in the place they lead
   * @throws a system error
   */
  enter(directory: ByteString, linksLeadOut: boolean): Awaitable<FileTree>;
  /** What filter rules want to know of a directory. */
  filterPlaceOf?(directory: ByteString): FilterPlace;
  /** What lies in a directory, as texts show it; `.` is the directory. */
  describe(directory: ByteString, name: ByteString): ByteString;
}

export class Sources {
  readonly #place: SourcePlace;
  readonly #all: Source[] = [];
  readonly #known = new Map<string, Source>();

  constructor(place: SourcePlace) {
    this.#place = place;
  }

  /** The source that an entry is from. */
  of(entry: FileEntry): Source {
    return this.#all[sourceIndexOf(entry)]!;
  }

  /** Enters a transfer root; a failure is told, and gives `null`. */
  async enter(session: Session, directory: ByteString): Promise<Source | null> {
    try {
      return await this.#open(session, directory, "", null);
    } catch (error) {
      if (error instanceof RsyncError) throw error;
      session.changeDirectoryFailed(this.#place.describe(directory, "."), error);
      return null;
    }
  }

  /** Enters the one directory to which all names of a list are relative. @throws FileSelectionError (exit 3) */
  async enterBase(session: Session, named: ByteString): Promise<Source> {
    const directory = named.replace(/(.)\/+$/s, "$1") || ".";
    try {
      return await this.#open(session, directory, "", null);
    } catch (cause) {
      if (cause instanceof RsyncError) throw cause;
      const name = this.#place.describe(directory, ".");
      throw new FileSelectionError(`[sender] change_dir ${name} failed: ${reason(cause)}`, {
        cause,
      });
    }
  }

  /** Enters a directory below a transfer root, to which a link leads; `null` when it can not be. */
  async enterBelow(session: Session, outer: Source, prefix: ByteString): Promise<Source | null> {
    try {
      return await this.#open(session, outer.directory, prefix, outer);
    } catch (error) {
      if (error instanceof RsyncError) throw error;
      return null;
    }
  }

  /** A transfer root over again, some of whose entries are named otherwise than their items. */
  aliased(source: Source, aliases: ReadonlyMap<ByteString, ByteString>): Source {
    const again = { ...source, index: this.#all.length, aliases };
    this.#all.push(again);
    return again;
  }

  async #open(
    session: Session,
    directory: ByteString,
    prefix: ByteString,
    outer: Source | null,
  ): Promise<Source> {
    const key = `${directory}\0${prefix}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#all.length > MAX_SOURCES) {
      throw new FileSelectionError(`sources: expected at most ${MAX_SOURCES + 1} directories`);
    }
    const place = this.#place;
    const path = prefix === "" ? directory : joinPaths(directory, prefix);
    const entered = await place.enter(path, looksThroughLinks(session.options));
    assertReachable(session, entered);
    const tree = sourceTreeFor(session.options, entered);
    const source: Source = {
      index: this.#all.length,
      tree,
      directory,
      prefix,
      outer,
      filterPlace: place.filterPlaceOf?.(directory),
      describe: (name) => place.describe(directory, name),
    };
    this.#all.push(source);
    this.#known.set(key, source);
    return source;
  }
}

/** A path below a directory; `.` is the directory we are in. */
export function joinPaths(directory: ByteString, path: ByteString): ByteString {
  if (path === ".") return directory;
  if (directory === ".") return path;
  return directory.endsWith("/") ? directory + path : `${directory}/${path}`;
}
