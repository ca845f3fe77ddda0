/**
 * Which names a remote sender may list: those that were asked for. Spec: docs/protocol/2-file-list.md, 2.8.4.
 * @module
 */
import { compileWildcard, hasWildcard, type Wildcard, wildmatch } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";
import { clampName } from "../sender/source.js";

/** How the source arguments are understood. */
export interface RequestOptions {
  readonly relative: boolean;
  readonly recursive: boolean;
  readonly dirs: boolean;
}

export class RequestedNames {
  readonly #options: RequestOptions;
  /** An argument stands for the contents of its directory. */
  #asksForContents = false;
  readonly #names = new Set<ByteString>();
  readonly #patterns: Wildcard[] = [];
  readonly #parents = new Set<ByteString>();
  readonly #parentPatterns: Wildcard[] = [];

  /** @param paths the source arguments, inside of the module if they are a daemon's */
  constructor(paths: readonly ByteString[], options: RequestOptions) {
    this.#options = options;
    for (const path of paths) {
      const name = this.#nameOf(path);
      if (name !== "" && hasWildcard(name)) this.#addPattern(name);
      else this.#addName(name);
    }
  }

  /** A further path, of a list: wildcards in it mean themselves, and `..` does not climb. */
  add(path: ByteString): void {
    this.#addName(this.#nameOf(clampName(path)));
  }

  /** The part of a path that the list shows; `""` for the root. */
  #nameOf(path: ByteString): ByteString {
    if (this.#options.relative) return activePart(path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    return name === "." || name === ".." ? "" : name;
  }

  #addName(name: ByteString): void {
    if (name === "") this.#asksForContents = true;
    else this.#names.add(name);
    for (let slash = name.indexOf("/"); slash > 0; slash = name.indexOf("/", slash + 1)) {
      this.#parents.add(name.slice(0, slash));
    }
  }

  #addPattern(name: ByteString): void {
    this.#patterns.push(compileWildcard(name));
    // A pattern that matches nothing is taken as a name by the sender.
    if (name.includes("[")) this.#names.add(name);
    for (let slash = name.indexOf("/"); slash > 0; slash = name.indexOf("/", slash + 1)) {
      const parent = name.slice(0, slash);
      if (hasWildcard(parent)) this.#parentPatterns.push(compileWildcard(parent));
      else this.#parents.add(parent);
    }
  }

  /** True when an entry of this name can be what was asked for. */
  allows(given: ByteString, isDirectory: boolean): boolean {
    if (given === "." || given === "/.") return true;
    const name = withoutSlash(given);
    const { recursive, dirs } = this.#options;
    if (this.#asksForContents && (recursive || (dirs && !name.includes("/")))) return true;
    if (this.#isNamed(name)) return true;
    if (isDirectory && this.#isParent(name)) return true;
    if (!recursive) {
      const slash = name.lastIndexOf("/");
      return dirs && slash > 0 && this.#isNamed(name.slice(0, slash));
    }
    return this.#isBelowNamed(name);
  }

  /**
   * True when the contents of a directory of this name can be what was asked for. The root and the parents of a name may be
   * listed unasked, but what lies in them here is not the sender's to delete.
   */
  allowsContents(given: ByteString): boolean {
    if (given === "." || given === "/.") return this.#asksForContents;
    const name = withoutSlash(given);
    if (this.#isNamed(name)) return true;
    return this.#options.recursive && (this.#asksForContents || this.#isBelowNamed(name));
  }

  #isBelowNamed(name: ByteString): boolean {
    for (let slash = name.indexOf("/"); slash > 0; slash = name.indexOf("/", slash + 1)) {
      if (this.#isNamed(name.slice(0, slash))) return true;
    }
    return false;
  }

  #isNamed(name: ByteString): boolean {
    return this.#names.has(name) || this.#patterns.some((pattern) => wildmatch(pattern, name));
  }

  #isParent(name: ByteString): boolean {
    return (
      this.#parents.has(name) || this.#parentPatterns.some((pattern) => wildmatch(pattern, name))
    );
  }
}

/** With `--relative` a name may be an absolute path. */
function withoutSlash(name: ByteString): ByteString {
  return name.startsWith("/") ? name.slice(1) : name;
}

/** With `--relative`: what is behind the first `/./`, cleaned. */
function activePart(path: ByteString): ByteString {
  const mark = path.indexOf("/./");
  const part = mark < 0 ? path : path.slice(mark + 3);
  return part
    .split("/")
    .filter((element) => element !== "" && element !== ".")
    .join("/");
}
