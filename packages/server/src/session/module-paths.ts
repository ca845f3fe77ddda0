/**
 * The paths that a client asks for, as places inside the module (spec 1-session, 3.7; 5-daemon, 5.5.3 and 5.8.2).
 * @module
 */
import { FileSelectionError, UnsupportedError, UsageError } from "@tsrsync/protocol";
import type { FileEntry, FileListSet } from "@tsrsync/protocol/file-list";
import type { FilterList } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  type Destination,
  expandWildcards,
  type FileTree,
  type FilterPlace,
  isHiddenPath,
  openBelow,
  openDestination,
  type PartOfWay,
  processPrivileges,
  RuleFiles,
  type Session,
  Sources,
  treeError,
} from "@tsrsync/transfer";
import type { ModuleConfig } from "../config/index.js";

/**
 * Removes leading slashes, `.` (but where `--relative` gives it a meaning) and doubled slashes; `..` never climbs above the
 * module. A trailing slash stays.
 */
export function confinePath(path: ByteString, keepsDots = false): ByteString {
  const kept: ByteString[] = [];
  for (const part of path.split("/")) {
    if (part === "..") kept.pop();
    else if (part !== "" && (keepsDots || part !== ".")) kept.push(part);
  }
  const isContents = /(^|\/)\.{0,2}$/.test(path);
  const inside = kept.join("/");
  return isContents && inside !== "" ? `${inside}/` : inside;
}

/** Files of the module, by their paths with a slash before them. */
const MODULE_ROOT: FilterPlace = { root: "", readAbove: () => null };
/** More than this is no list of names. */
const MAX_LIST_BYTES = 256 << 20;

const directoryOf = (path: ByteString): ByteString => path.slice(0, path.lastIndexOf("/") + 1);

function joined(directory: ByteString, path: ByteString): ByteString {
  const plain = directory.replace(/\/$/, "");
  if (plain === "" || plain === ".") return path;
  return path === "." ? plain : `${plain}/${path}`;
}

export class ModulePaths {
  readonly #module: ModuleConfig;
  readonly #root: FileTree;
  readonly #paths: readonly ByteString[];
  /** What a pull enters in the module. */
  readonly sources: Sources;
  #destination: ByteString = "";
  readonly #filter: FilterList | null;
  /** Rule files of the module, by their paths with a slash before them. */
  readonly #files: RuleFiles;

  /**
   * @param words the arguments after the dot, as they came
   * @param filter what the module hides
   * @param relative `/./` in a path has a meaning
   */
  constructor(
    module: ModuleConfig,
    root: FileTree,
    words: readonly ByteString[],
    filter: FilterList | null,
    relative: boolean,
  ) {
    this.#module = module;
    this.#root = root;
    this.#filter = filter;
    this.#files = new RuleFiles(root, MODULE_ROOT);
    this.#paths = words
      .flatMap((word) => this.#split(word))
      .map((path) => confinePath(path, relative));
    this.sources = new Sources({
      enter: (directory, linksLeadOut) => this.#enter(directory, linksLeadOut),
      filterPlaceOf: (directory) => this.#filterPlaceOf(directory),
      describe: (directory, name) => this.#describe(directory, name),
    });
  }

  /** One word may name several paths, each beginning with the module's name. */
  #split(word: ByteString): ByteString[] {
    const { name } = this.#module;
    const first = word.startsWith(name) ? word.slice(name.length) : word;
    return first.split(` ${name}/`);
  }

  /** The sources of a pull. Wildcards are expanded; a pattern that matches nothing is taken as a name. */
  async sourcePaths(): Promise<readonly ByteString[]> {
    const paths: ByteString[] = [];
    for (const path of this.#paths.length > 0 ? this.#paths : [""]) {
      paths.push(...(await this.#expand(path)));
    }
    return paths;
  }

  /**
   * The list of names that a client has the daemon read.
   * @throws UnsupportedError for one that the module hides, UsageError for one that can not be read.
   */
  async readNames(path: ByteString): Promise<Uint8Array> {
    const files = new RuleFiles(this.#root, MODULE_ROOT, MAX_LIST_BYTES);
    const content = await files.read(await this.#visible(path));
    if (content !== null) return content;
    throw new UsageError(`failed to open files-from file ${path}: No such file or directory`);
  }

  /**
   * The file of rules that a client names; `null` when there is none.
   * @throws UnsupportedError for one that the module hides.
   */
  async readRules(path: ByteString): Promise<Uint8Array | null> {
    return this.#files.read(await this.#visible(path));
  }

  /** A file of the module, with a slash before it. @throws UnsupportedError for one that the module hides. */
  async #visible(path: ByteString): Promise<ByteString> {
    const confined = confinePath(path);
    if (!(await this.#isHidden(confined, false))) return `/${confined}`;
    throw new UnsupportedError("Your options have been rejected by the server.");
  }

  /** An entry that is sent, as a path in the module. */
  pathOfSource(entry: FileEntry): ByteString {
    return joined(this.sources.of(entry).directory, entry.name);
  }

  /** What lies in the destination, as a path in the module. */
  pathInDestination(path: ByteString): ByteString {
    return joined(this.#destination, path);
  }

  async #expand(path: ByteString): Promise<ByteString[]> {
    const found = await expandWildcards(this.#root, path);
    if (this.#filter === null) return found;
    const visible: ByteString[] = [];
    for (const match of found) if (!(await this.#isHidden(match, false))) visible.push(match);
    return visible.length === 0 ? [path] : visible;
  }

  /** Whether the module hides a path or a directory on the way. */
  async #isHidden(path: ByteString, isDirectory: boolean): Promise<boolean> {
    if (this.#filter === null || path === ".") return false;
    const confined = confinePath(path);
    const plain = confined.replace(/\/$/, "");
    return isHiddenPath(this.#filter, plain, isDirectory || plain !== confined, this.#files.read);
  }

  #filterPlaceOf(directory: ByteString): FilterPlace {
    const root = directory === "." ? "" : `/${directory}`;
    return { root, readAbove: this.#files.read };
  }

  async #enter(directory: ByteString, linksReachOuter: boolean): Promise<FileTree> {
    if (await this.#isHidden(directory, true)) throw treeError("ENOENT", "open", directory);
    return directory === "." ? this.#root : this.#root.subtree(directory, { linksReachOuter });
  }

  /** Where a push goes to: the last path, made if need be. */
  async openDestination(session: Session, lists: FileListSet): Promise<Destination> {
    const path = this.#paths.at(-1) ?? "";
    this.#refuseHidden(path);
    const destination = await openDestination(session, lists, {
      place: {
        statFollowing: (inner) => this.#root.statFollowing(inner),
        makeDirectory: (inner, mode) => this.#root.makeDirectory(inner, mode),
        enter: (inner, followLinks) => this.#root.subtree(inner, { followLinks }),
        enterAside: (directory, inner) =>
          this.#enterAside(inner.startsWith("/") ? inner : joined(directory, inner)),
      },
      path,
      privileges: processPrivileges(),
      filterPlaceOf: (inner) => this.#filterPlaceOf(inner),
      describe: (inner) => `"${inner}" (in ${this.#module.name})`,
    });
    const plain = path.replace(/\/$/, "");
    this.#destination = destination.localName === null ? plain : directoryOf(plain);
    return destination;
  }

  /** A directory that an option names. */
  async #enterAside(path: ByteString): Promise<PartOfWay<FileTree>> {
    const inside = confinePath(path).replace(/\/$/, "");
    if (inside !== "" && (await this.#isHidden(inside, true))) {
      throw new UnsupportedError("Your options have been rejected by the server.");
    }
    return openBelow(this.#root, inside);
  }

  /** The destination itself counts here, not what it lies in. */
  #refuseHidden(path: ByteString): void {
    const plain = path.replace(/\/$/, "");
    const scope = this.#filter?.at("");
    if (scope?.excludes(plain, true) || (plain === path && scope?.excludes(plain, false))) {
      throw new FileSelectionError(`ERROR: daemon has excluded destination "${path}"`);
    }
  }

  #describe(directory: ByteString, name: ByteString): ByteString {
    // As rsync has it: what lies in the module's own directory has no slash before it.
    const prefix = directory === "." ? "" : `/${directory}/`;
    return `"${name === "." ? directory : prefix + name}" (in ${this.#module.name})`;
  }
}
