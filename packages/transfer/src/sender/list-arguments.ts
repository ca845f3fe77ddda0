/**
 * From source arguments and names of a list to what is listed: with `--relative` each comes with the directories that lead
 * to it (spec 2-file-list, 2.6).
 * @module
 */
import { UsageError } from "@tsrsync/protocol";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Session } from "../session/session.js";
import { isLinkMode } from "../tree/item-type.js";
import type { Scanner } from "./scanner.js";
import {
  clampName,
  parseRelativeArgument,
  parseSourceArgument,
  type RelativeArgument,
  type Source,
  type SourceItem,
  treePath,
} from "./source.js";
import { joinPaths, type Sources } from "./sources.js";

export class ArgumentLister {
  readonly #session: Session;
  readonly #sources: Sources;
  readonly #scanner: Scanner;
  /** Parents that are in the present list. */
  readonly #implied = new Set<ByteString>();
  /** With incremental recursion: what is to come in the lists of directories. */
  readonly #waiting = new Map<ByteString, SourceItem[]>();
  /** Directories known to be no links, of the source looked at last. */
  readonly #plain = new Set<ByteString>();
  #plainOf: Source | null = null;

  constructor(session: Session, sources: Sources, scanner: Scanner) {
    this.#session = session;
    this.#sources = sources;
    this.#scanner = scanner;
  }

  /** Lists a source argument. @throws UsageError for a path that `--relative` does not allow. */
  async argument(path: ByteString): Promise<void> {
    if (this.#session.options.relative) {
      const argument = parseRelativeArgument(path);
      if (argument.name.split("/").includes("..")) {
        throw new UsageError(`found ".." dir in relative path: ${path}`);
      }
      const source = await this.#sources.enter(this.#session, argument.directory);
      if (source !== null) await this.#relative(source, argument);
      return;
    }
    const { directory, name } = parseSourceArgument(path);
    const source = await this.#sources.enter(this.#session, directory);
    if (source !== null) await this.#scanner.scan({ source, name, contents: name === "." });
  }

  /** Lists an item of a list of names, which are relative to `base`. */
  async listed(base: Source, given: ByteString): Promise<void> {
    const path = clampName(given);
    if (this.#session.options.relative) {
      const argument = parseRelativeArgument(path);
      const source = await this.#enterBelow(base, argument.directory);
      if (source !== null) await this.#relative(source, argument);
    } else {
      const { directory, name } = parseSourceArgument(path);
      const source = await this.#enterBelow(base, directory);
      if (source !== null) await this.#scanner.scan({ source, name, contents: name === "." });
    }
    await this.#scanner.rest();
  }

  async #enterBelow(base: Source, directory: ByteString): Promise<Source | null> {
    if (directory === ".") return base;
    return this.#sources.enter(this.#session, joinPaths(base.directory, directory));
  }

  /** Lists what was put off until the list of a directory. */
  async below(directory: ByteString): Promise<void> {
    const items = this.#waiting.get(directory);
    if (items === undefined) return;
    this.#waiting.delete(directory);
    this.#implied.clear();
    for (const item of items) await this.#descend(item, directory.length + 1);
  }

  async #relative(root: Source, { name, contents, dotted }: RelativeArgument): Promise<void> {
    const item = { source: await this.#locate(root, name, contents), name, contents };
    // A parent is not listed for something that is not there.
    if (name.includes("/") && !(await this.#scanner.isWanted(item))) return;
    const { recursive, dirs } = this.#session.options;
    if (dotted && !recursive && !dirs) this.#session.notice("info", "skipping directory .");
    else if (dotted && !(await this.#parent(root, "."))) return;
    await this.#descend(item, 0);
  }

  /** The source in which an item is to be looked up: links that lead to it are followed. */
  async #locate(root: Source, name: ByteString, contents: boolean): Promise<Source> {
    let source = root;
    for (let slash = name.indexOf("/"); slash > 0; slash = name.indexOf("/", slash + 1)) {
      source = await this.#through(source, name.slice(0, slash));
    }
    return contents && name !== "." ? this.#through(source, name) : source;
  }

  async #through(source: Source, directory: ByteString): Promise<Source> {
    if (this.#plainOf !== source) this.#plain.clear();
    this.#plainOf = source;
    if (this.#plain.has(directory)) return source;
    try {
      const stat = await source.tree.stat(treePath(source, directory));
      if (stat !== null && isLinkMode(stat.mode)) {
        return (await this.#sources.enterBelow(this.#session, source, directory)) ?? source;
      }
      this.#plain.add(directory);
    } catch {
      // whoever looks at the item says what is wrong
    }
    return source;
  }

  /** Lists the parents that begin at `start`, then the item; what is not for this list is put off. */
  async #descend(item: SourceItem, start: number): Promise<void> {
    const { source, name } = item;
    for (let slash = name.indexOf("/", start); slash > 0; slash = name.indexOf("/", slash + 1)) {
      const parent = name.slice(0, slash);
      if (!(await this.#parent(source, parent))) return;
      if (!this.#session.isIncremental) continue;
      const waiting = this.#waiting.get(parent);
      if (waiting === undefined) this.#waiting.set(parent, [item]);
      else waiting.push(item);
      return;
    }
    await this.#scanner.scan(item);
  }

  /** False when there is no such directory any more. */
  async #parent(source: Source, directory: ByteString): Promise<boolean> {
    const { options, protocol } = this.#session;
    if ((protocol < 30 && !options.impliedDirs) || this.#implied.has(directory)) return true;
    this.#implied.add(directory);
    let holder = source;
    while (holder.outer !== null && holder.prefix.length > directory.length) holder = holder.outer;
    return this.#scanner.listParent(holder, directory);
  }
}
