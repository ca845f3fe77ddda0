/**
 * Reading per-directory rule files. Spec: docs/protocol/4-command.md, 11.5 and 16.
 * @module
 */
import { FileIoError } from "@tsrsync/protocol";
import { FileType } from "@tsrsync/protocol/file-list";
import type { FilterScope } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Awaitable, FileStat, FileTree } from "../tree/file-tree.js";

/** Where a transfer root lies, for rules that look at full path names or above the root. */
export interface FilterPlace {
  /** Full path name, `""` for the root of all; on a daemon from the module's root on. */
  readonly root: ByteString;
  /** Reads a rule file that is not below the transfer root, by its full path name; `null` when there is none. */
  readAbove(fullName: ByteString): Awaitable<Uint8Array | null>;
}

/** A transfer root that nothing is known of, and nothing above it. */
export const NOWHERE: FilterPlace = { root: "", readAbove: () => null };

/** More than this is no rule file. */
const MAX_FILE_BYTES = 16 << 20;
const MAX_LINKS = 40;

/** A file that is not there yet: a promise of it has to be waited for. */
class Pending extends Error {
  readonly ruleFile: ByteString;
  readonly answer: Promise<Uint8Array | null>;

  constructor(name: ByteString, answer: Promise<Uint8Array | null>) {
    super();
    this.ruleFile = name;
    this.answer = answer;
  }
}

/** Reads a rule file by its full path name. */
export type ReadFullName = (fullName: ByteString) => Awaitable<Uint8Array | null>;

/**
 * Enters a directory as `FilterScope.enter` does, with files that may come later: entering starts anew when one has come.
 * @throws UsageError and FileIoError as `FilterScope.enter`.
 */
export function enterScope(
  scope: FilterScope,
  directory: ByteString,
  root: ByteString,
  read: ReadFullName,
): Awaitable<FilterScope> {
  try {
    return scope.enter(directory, (name) => {
      const answer = read(fullNameOf(root, name));
      if (answer instanceof Promise) throw new Pending(name, answer);
      return answer;
    });
  } catch (thrown) {
    if (!(thrown instanceof Pending)) throw thrown;
    return enterLater(scope, directory, root, read, thrown);
  }
}

async function enterLater(
  scope: FilterScope,
  directory: ByteString,
  root: ByteString,
  read: ReadFullName,
  first: Pending,
): Promise<FilterScope> {
  const known = new Map<ByteString, Uint8Array | null>();
  for (let pending = first; ; ) {
    known.set(pending.ruleFile, await pending.answer);
    try {
      return scope.enter(directory, (name) => {
        const content = known.get(name);
        if (content !== undefined) return content;
        const answer = read(fullNameOf(root, name));
        if (answer instanceof Promise) throw new Pending(name, answer);
        known.set(name, answer);
        return answer;
      });
    } catch (thrown) {
      if (!(thrown instanceof Pending)) throw thrown;
      pending = thrown;
    }
  }
}

function fullNameOf(root: ByteString, name: ByteString): ByteString {
  return name.startsWith("/") ? name : `${root}/${name}`;
}

/** The rule files of a transfer: those below its root come out of its tree. */
export class RuleFiles {
  readonly #tree: FileTree;
  readonly #place: FilterPlace;
  readonly #maxBytes: number;

  constructor(tree: FileTree, place: FilterPlace, maxBytes: number = MAX_FILE_BYTES) {
    this.#tree = tree;
    this.#place = place;
    this.#maxBytes = maxBytes;
  }

  /** The content, `null` when there is no such file or it may not be read. At once when there is nothing. */
  readonly read: ReadFullName = (fullName) => {
    const path = this.#inTree(fullName);
    if (path === null) return this.#place.readAbove(fullName);
    const stat = this.#stat(path);
    if (stat === null) return null;
    return this.#load(fullName, path, stat);
  };

  #inTree(fullName: ByteString): ByteString | null {
    const { root } = this.#place;
    return fullName.startsWith(`${root}/`) ? fullName.slice(root.length + 1) : null;
  }

  #stat(path: ByteString): Awaitable<FileStat | null> {
    try {
      return this.#tree.stat(path);
    } catch {
      return null; // a directory on the way that is none, or is closed to us: there is no file then
    }
  }

  /** The user may have put a link there. It is followed if it is the user's own or root's, as all paths of users are. */
  async #load(
    fullName: ByteString,
    path: ByteString,
    first: Awaitable<FileStat | null>,
  ): Promise<Uint8Array | null> {
    let [name, at] = [fullName, path];
    let stat = await Promise.resolve(first).catch(() => null);
    for (let links = 0; stat !== null && links <= MAX_LINKS; links++) {
      const type = stat.mode & FileType.Mask;
      if (type === FileType.Regular) return this.#content(at, name);
      if (type !== FileType.Symlink || !isTrusted(stat.uid)) return null;
      name = cleanTarget(name, await this.#tree.readLink(at));
      const inside = this.#inTree(name);
      if (inside === null) return this.#place.readAbove(name);
      at = inside;
      stat = await this.#stat(at);
    }
    return null;
  }

  async #content(path: ByteString, name: ByteString): Promise<Uint8Array | null> {
    const file = await this.#tree.open(path);
    try {
      const { size } = await file.stat();
      if (size > this.#maxBytes) throw new FileIoError(`rule file "${name}" is too large`);
      const bytes = new Uint8Array(size);
      return bytes.subarray(0, await file.read(bytes));
    } finally {
      await file.close();
    }
  }
}

function isTrusted(uid: number): boolean {
  return uid === 0 || uid === (process.geteuid?.() ?? 0);
}

/** The full path name of what a link points to, as text. */
function cleanTarget(link: ByteString, target: ByteString): ByteString {
  const path = target.startsWith("/")
    ? target
    : `${link.slice(0, link.lastIndexOf("/"))}/${target}`;
  const elements: ByteString[] = [];
  for (const element of path.split("/")) {
    if (element === "..") elements.pop();
    else if (element !== "" && element !== ".") elements.push(element);
  }
  return `/${elements.join("/")}`;
}
