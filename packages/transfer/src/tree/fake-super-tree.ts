/**
 * A tree under `--fake-super`: everybody can own, make and set everything, since what the real tree does not allow is kept
 * in attributes. Devices, FIFOs and sockets are stored as empty files, links as files that hold their targets (spec
 * 2-file-list, 2.14.1).
 * @module
 */
import { type ByteString, decodeByteString, encodeByteString } from "@tsrsync/protocol/wire";
import { andThen } from "./awaitable.js";
import { FakeSuperFile } from "./fake-super-file.js";
import { FakeSuperItem, type RealItem, realPermissions } from "./fake-super-item.js";
import type {
  Awaitable,
  FileStat,
  FileTime,
  FileTree,
  ReadingOptions,
  SubtreeOptions,
  TemporaryFile,
  TemporaryStyle,
  TreeFile,
} from "./file-tree.js";
import { PathItem } from "./item-attributes.js";
import { isLinkMode, isRegularMode, S_IFLNK, S_IFMT, S_IFREG } from "./item-type.js";
import { treeError } from "./system-error.js";

const MAX_TARGET_BYTES = 4095;
const LINK_PERMISSIONS = 0o777;

/** What the real tree has at a path. */
class StoredItem extends PathItem implements RealItem {
  stat(): Awaitable<FileStat | null> {
    return this.tree.stat(this.path);
  }
}

export class FakeSuperTree implements FileTree {
  readonly synchronous: boolean;
  readonly reachesAttributes: boolean;
  readonly #real: FileTree;

  constructor(real: FileTree) {
    this.#real = real;
    this.synchronous = real.synchronous;
    this.reachesAttributes = real.reachesAttributes;
  }

  #item(path: ByteString): FakeSuperItem {
    return new FakeSuperItem(new StoredItem(this.#real, path), path);
  }

  stat(path: ByteString): Awaitable<FileStat | null> {
    return this.#item(path).stat();
  }

  /** Links that are stored lead nowhere; only real ones are followed. */
  statFollowing(path: ByteString): Awaitable<FileStat | null> {
    return andThen(this.#real.stat(path), (stat) =>
      stat !== null && isLinkMode(stat.mode) ? this.#real.statFollowing(path) : this.stat(path),
    );
  }

  list(path: ByteString): Awaitable<ByteString[]> {
    return this.#real.list(path);
  }

  readLink(path: ByteString): Awaitable<ByteString> {
    return andThen(this.#real.stat(path), (real) => {
      if (real === null || !isRegularMode(real.mode)) return this.#real.readLink(path);
      return andThen(this.stat(path), (stat) => {
        if (stat === null || !isLinkMode(stat.mode)) throw treeError("EINVAL", "read link", path);
        return andThen(this.#real.open(path), readTarget);
      });
    });
  }

  open(path: ByteString, options?: ReadingOptions): Awaitable<TreeFile> {
    return andThen(this.#real.open(path, options), (file) => new FakeSuperFile(file, path));
  }

  openForUpdate(path: ByteString, mode: number): Awaitable<TreeFile> {
    return andThen(this.#real.openForUpdate(path, mode), (file) => new FakeSuperFile(file, path));
  }

  createTemporary(
    path: ByteString,
    mode: number,
    style?: TemporaryStyle,
  ): Awaitable<TemporaryFile> {
    return andThen(this.#real.createTemporary(path, mode, style), (made) => ({
      file: new FakeSuperFile(made.file, made.path),
      path: made.path,
    }));
  }

  makeDirectory(path: ByteString, mode: number): Awaitable<void> {
    return this.#real.makeDirectory(path, mode | 0o700);
  }

  makeSymlink(path: ByteString, target: ByteString): Awaitable<void> {
    if (target === "") throw treeError("ENOENT", "make symlink", path);
    if (target.includes("\0")) throw treeError("EINVAL", "make symlink", path);
    const made = this.#makePlaceholder(path, S_IFLNK | LINK_PERMISSIONS, 0, 0);
    return andThen(made, () =>
      andThen(this.#real.openForUpdate(path, 0o600), (file) =>
        andThen(file.write(encodeByteString(target)), () => file.close()),
      ),
    );
  }

  makeHardLink(path: ByteString, existing: ByteString): Awaitable<void> {
    return this.#real.makeHardLink(path, existing);
  }

  makeNode(path: ByteString, mode: number, rdevMajor: number, rdevMinor: number): Awaitable<void> {
    return this.#makePlaceholder(path, mode, rdevMajor, rdevMinor);
  }

  /** An empty file that counts as an item of another type. The kernel takes the umask from its permissions. */
  #makePlaceholder(
    path: ByteString,
    mode: number,
    rdevMajor: number,
    rdevMinor: number,
  ): Awaitable<void> {
    const tree = this.#real;
    const type = (mode & S_IFMT) === 0 ? S_IFREG : mode & S_IFMT;
    return andThen(tree.makeNode(path, S_IFREG | (mode & 0o777), 0, 0), () =>
      andThen(tree.stat(path), (made) => {
        if (made === null) throw treeError("ENOENT", "make node", path);
        const { uid, gid } = made;
        const permissions = isLinkMode(mode) ? LINK_PERMISSIONS : made.mode & 0o777;
        const wanted = { mode: type | permissions, rdevMajor, rdevMinor, uid, gid };
        return andThen(tree.setMode(path, realPermissions(wanted.mode)), () =>
          this.#item(path).store(wanted),
        );
      }),
    );
  }

  rename(from: ByteString, to: ByteString): Awaitable<void> {
    return this.#real.rename(from, to);
  }

  moveFrom(source: FileTree, from: ByteString, to: ByteString): Awaitable<void> {
    return this.#real.moveFrom(realOf(source), from, to);
  }

  linkFrom(source: FileTree, existing: ByteString, path: ByteString): Awaitable<void> {
    return this.#real.linkFrom(realOf(source), existing, path);
  }

  removeFile(path: ByteString): Awaitable<void> {
    return this.#real.removeFile(path);
  }

  removeDirectory(path: ByteString): Awaitable<void> {
    return this.#real.removeDirectory(path);
  }

  setOwner(path: ByteString, uid: number, gid: number): Awaitable<void> {
    return this.#item(path).setOwner(uid, gid);
  }

  setMode(path: ByteString, mode: number): Awaitable<void> {
    return andThen(this.stat(path), (stat) => {
      if (stat !== null && isLinkMode(stat.mode)) throw treeError("ELOOP", "set mode", path);
      return this.#item(path).setMode(mode);
    });
  }

  setTimes(path: ByteString, atime: FileTime | null, mtime: FileTime): Awaitable<void> {
    return this.#real.setTimes(path, atime, mtime);
  }

  listAttributes(path: ByteString): Awaitable<ByteString[]> {
    return this.#item(path).listAttributes();
  }

  getAttribute(path: ByteString, name: ByteString): Awaitable<Uint8Array | null> {
    return this.#item(path).getAttribute(name);
  }

  setAttribute(path: ByteString, name: ByteString, value: Uint8Array): Awaitable<void> {
    return this.#item(path).setAttribute(name, value);
  }

  removeAttribute(path: ByteString, name: ByteString): Awaitable<void> {
    return this.#item(path).removeAttribute(name);
  }

  subtree(path: ByteString, options?: SubtreeOptions): Awaitable<FakeSuperTree> {
    return andThen(this.#real.subtree(path, options), (tree) => new FakeSuperTree(tree));
  }

  close(): Awaitable<void> {
    return this.#real.close();
  }

  /** The tree below, which an operation on two trees needs. */
  static realOf(tree: FileTree): FileTree {
    return tree instanceof FakeSuperTree ? tree.#real : tree;
  }
}

function realOf(tree: FileTree): FileTree {
  return FakeSuperTree.realOf(tree);
}

function readTarget(file: TreeFile): Awaitable<ByteString> {
  const bytes = new Uint8Array(MAX_TARGET_BYTES);
  return andThen(file.read(bytes), (count) =>
    andThen(file.close(), () => decodeByteString(bytes, 0, count)),
  );
}
