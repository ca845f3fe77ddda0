/**
 * One item of a tree under `--fake-super`: what its owner can not set is kept in attributes.
 * Spec: docs/protocol/2-file-list.md, 2.12.4, 2.13.2 and 2.14.1.
 * @module
 */
import {
  ACCESS_ACL,
  DEFAULT_ACL,
  decodeFakeAcl,
  decodePosixAcl,
  encodeFakeAcl,
  encodePosixAcl,
  FAKE_ACCESS_ACL,
  FAKE_DEFAULT_ACL,
  FAKE_STAT,
  type FakeStat,
  formatFakeStat,
  fullAccessAcl,
  isMinimalAcl,
  modeOfAcl,
  parseFakeStat,
  strippedAccessAcl,
} from "@tsrsync/protocol/attributes";
import type { ByteString } from "@tsrsync/protocol/wire";
import { andThen, orRecover } from "./awaitable.js";
import type { Awaitable, FileStat, ItemAttributes } from "./file-tree.js";
import { isDirectoryMode, isRegularMode, S_IFMT } from "./item-type.js";
import { errorCode, treeError } from "./system-error.js";

const OWN_PREFIX = "user.rsync.";
const OWN_NAMES: readonly ByteString[] = [FAKE_STAT, FAKE_ACCESS_ACL, FAKE_DEFAULT_ACL];
/** Attributes of these namespaces are stored below our own prefix. */
const FOREIGN = /^user\.rsync\.((?:trusted|security|system)\..*)$/s;

/** The real item. */
export interface RealItem extends ItemAttributes {
  stat(): Awaitable<FileStat | null>;
  setMode(mode: number): Awaitable<void>;
}

/** The permission bits that the real item gets: its owner must be able to use it, and set-id would be another's. */
export function realPermissions(mode: number): number {
  return (mode & 0o777) | (isDirectoryMode(mode) ? 0o700 : 0o600);
}

/** What the item counts as: as its attribute says, where it has one. Real links, devices and the like count as they are. */
export function fakeStat(real: FileStat, item: ItemAttributes): Awaitable<FileStat> {
  if (!isDirectoryMode(real.mode) && !isRegularMode(real.mode)) return real;
  const kept = orRecover(() => item.getAttribute(FAKE_STAT), withoutAttributes);
  return andThen(kept, (value) => {
    const fake = value === null ? null : parseFakeStat(value);
    return fake === null || !isPossible(real, fake) ? real : { ...real, ...fake };
  });
}

/** A directory is never anything else, and nothing else is one. */
function isPossible(real: FileStat, fake: FakeStat): boolean {
  return isDirectoryMode(real.mode) === isDirectoryMode(fake.mode);
}

function withoutAttributes(error: unknown): null {
  const code = errorCode(error);
  if (code === "ENOTSUP" || code === "EOPNOTSUPP") return null;
  throw error;
}

export class FakeSuperItem implements ItemAttributes {
  readonly #real: RealItem;
  readonly #path: ByteString;

  /** `path` is for texts. */
  constructor(real: RealItem, path: ByteString) {
    this.#real = real;
    this.#path = path;
  }

  stat(): Awaitable<FileStat | null> {
    return andThen(this.#real.stat(), (real) =>
      real === null ? null : fakeStat(real, this.#real),
    );
  }

  #need(): Awaitable<FileStat> {
    return andThen(this.stat(), (stat) => {
      if (stat === null) throw treeError("ENOENT", "stat", this.#path);
      return stat;
    });
  }

  setOwner(uid: number, gid: number): Awaitable<void> {
    return andThen(this.#need(), (stat) =>
      this.store({ ...stat, uid: uid === -1 ? stat.uid : uid, gid: gid === -1 ? stat.gid : gid }),
    );
  }

  setMode(mode: number): Awaitable<void> {
    return andThen(this.#need(), (stat) => {
      const wanted = { ...stat, mode: (stat.mode & S_IFMT) | (mode & 0o7777) };
      return andThen(this.#real.setMode(realPermissions(wanted.mode)), () => this.store(wanted));
    });
  }

  /** Keeps what the real item is not; where it is all that, nothing needs to be kept. */
  store(wanted: FakeStat): Awaitable<void> {
    return andThen(this.#real.stat(), (real) => {
      if (real === null) throw treeError("ENOENT", "stat", this.#path);
      if (!isDirectoryMode(real.mode) && !isRegularMode(real.mode)) return undefined;
      const isReal =
        real.mode === wanted.mode && real.uid === wanted.uid && real.gid === wanted.gid;
      if (isReal) return orRecover(() => this.#real.removeAttribute(FAKE_STAT), ignoreUnsupported);
      return this.#real.setAttribute(FAKE_STAT, formatFakeStat(wanted));
    });
  }

  /** Without what is kept here for other ends; attributes of other namespaces under their own names. */
  listAttributes(): Awaitable<ByteString[]> {
    return andThen(this.#real.listAttributes(), (names) =>
      names
        .filter((name) => name.startsWith("user.") && !OWN_NAMES.includes(name))
        .map((name) => FOREIGN.exec(name)?.[1] ?? name),
    );
  }

  getAttribute(name: ByteString): Awaitable<Uint8Array | null> {
    if (name === ACCESS_ACL) return this.#getAccessAcl();
    if (name !== DEFAULT_ACL) return this.#real.getAttribute(storedName(name));
    return andThen(this.#real.getAttribute(FAKE_DEFAULT_ACL), (value) => {
      const acl = value === null ? null : decodeFakeAcl(value);
      return acl === null ? null : encodePosixAcl(acl);
    });
  }

  #getAccessAcl(): Awaitable<Uint8Array | null> {
    return andThen(this.#real.getAttribute(FAKE_ACCESS_ACL), (value) => {
      const acl = value === null ? null : decodeFakeAcl(value);
      if (acl === null) return null;
      return andThen(this.#need(), ({ mode }) => encodePosixAcl(fullAccessAcl(acl, mode)));
    });
  }

  setAttribute(name: ByteString, value: Uint8Array): Awaitable<void> {
    if (name === ACCESS_ACL) return this.#setAccessAcl(value);
    if (name !== DEFAULT_ACL) return this.#real.setAttribute(storedName(name), value);
    return andThen(this.#need(), ({ mode }) => {
      const acl = decodePosixAcl(value);
      if (acl === null) throw treeError("EINVAL", "set attribute", this.#path);
      if (!isDirectoryMode(mode)) throw treeError("EACCES", "set attribute", this.#path);
      return this.#real.setAttribute(FAKE_DEFAULT_ACL, encodeFakeAcl(acl));
    });
  }

  /** As with a real one, the permission bits follow. */
  #setAccessAcl(value: Uint8Array): Awaitable<void> {
    const acl = decodePosixAcl(value);
    if (acl === null) throw treeError("EINVAL", "set attribute", this.#path);
    const bits = modeOfAcl(acl);
    const stripped = strippedAccessAcl(acl, bits);
    const kept =
      isMinimalAcl(acl) || stripped === null
        ? this.#real.removeAttribute(FAKE_ACCESS_ACL)
        : this.#real.setAttribute(FAKE_ACCESS_ACL, encodeFakeAcl({ ...stripped, mask: acl.mask }));
    return andThen(kept, () =>
      andThen(this.#need(), ({ mode }) => this.setMode((mode & 0o7000) | bits)),
    );
  }

  removeAttribute(name: ByteString): Awaitable<void> {
    if (name === ACCESS_ACL) return this.#real.removeAttribute(FAKE_ACCESS_ACL);
    if (name === DEFAULT_ACL) return this.#real.removeAttribute(FAKE_DEFAULT_ACL);
    return this.#real.removeAttribute(storedName(name));
  }
}

function ignoreUnsupported(error: unknown): undefined {
  withoutAttributes(error);
  return undefined;
}

function storedName(name: ByteString): ByteString {
  return name.startsWith("user.") ? name : OWN_PREFIX + name;
}
