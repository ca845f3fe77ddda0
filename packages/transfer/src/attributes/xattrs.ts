/**
 * Extended attributes of items at the destination: comparing, asking for long values, setting (spec 2-file-list, 2.13.2 and
 * 2.13.3).
 * @module
 */
import type { HashStream } from "@tsrsync/protocol/checksum";
import type { FileEntry, XattrItem, XattrList } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ItemAttributes } from "../tree/file-tree.js";
import { localName, visibleNames, type XattrNames } from "./xattr-names.js";

/** An attribute of the sender under the name that it has here. */
interface LocalXattr {
  readonly name: ByteString;
  readonly item: XattrItem;
  /** On the wire: from 1, in the list as it was sent. */
  readonly number: number;
}

/** How the attributes of an item differ from those of its entry. */
export interface XattrDifferences {
  differs: boolean;
  /** Numbers of the long values that are to be asked for. */
  request: number[];
}

/** Tells of an attribute that could not be set or removed, by the system call's name. */
export type XattrFailure = (call: string, name: ByteString, error: unknown) => void;

const NOTHING: readonly LocalXattr[] = [];

export class Xattrs {
  readonly #names: XattrNames;
  readonly #md5: HashStream;
  readonly #local = new WeakMap<XattrList, readonly LocalXattr[]>();
  /** Long values that were asked for, or need not be: lists are shared by entries, and asked for once. */
  readonly #requested = new WeakSet<XattrItem>();

  constructor(names: XattrNames, md5: HashStream) {
    this.#names = names;
    this.#md5 = md5;
  }

  #localOf(entry: FileEntry): readonly LocalXattr[] {
    const list = entry.extra?.xattrs ?? null;
    if (list === null) return NOTHING;
    const known = this.#local.get(list);
    if (known !== undefined) return known;
    const local = list.items.flatMap((item, index) => {
      const name = localName(this.#names, item.name);
      return name === null ? [] : [{ name, item, number: index + 1 }];
    });
    this.#local.set(list, local);
    return local;
  }

  /** Compares with an existing item. With `asks` the values to be asked for count as asked for from then on. */
  async compare(entry: FileEntry, item: ItemAttributes, asks: boolean): Promise<XattrDifferences> {
    const local = this.#localOf(entry);
    const present = new Set(await visibleNames(this.#names, item));
    if (local.length === 0) return { differs: present.size > 0, request: [] };
    const request: number[] = [];
    let differs = false;
    for (const xattr of local) {
      const isThere = present.delete(xattr.name);
      if (isThere && (await this.#isSame(xattr.item, item, xattr.name))) continue;
      differs = true;
      if (asks && this.#lacks(xattr.item)) request.push(xattr.number);
    }
    return { differs: differs || present.size > 0, request };
  }

  /** For an item that is to be made. */
  compareNew(entry: FileEntry, asks: boolean): XattrDifferences {
    const local = this.#localOf(entry);
    const request: number[] = [];
    if (asks) {
      for (const { item, number } of local) if (this.#lacks(item)) request.push(number);
    }
    return { differs: (entry.extra?.xattrs?.items.length ?? 0) > 0, request };
  }

  /** Whether a value must be asked for; it need not be a second time. */
  #lacks(item: XattrItem): boolean {
    if (item.value !== null || this.#requested.has(item)) return false;
    this.#requested.add(item);
    return true;
  }

  async #isSame(wanted: XattrItem, item: ItemAttributes, name: ByteString): Promise<boolean> {
    return (await this.#matching(wanted, item, name)) !== null;
  }

  /** The value that an item has, if it is the wanted one. */
  async #matching(
    wanted: XattrItem,
    item: ItemAttributes,
    name: ByteString,
  ): Promise<Uint8Array | null> {
    const answer = item.getAttribute(name);
    const value = answer instanceof Promise ? await answer : answer;
    if (value === null) return null;
    if (wanted.value !== null) return equalBytes(value, wanted.value) ? value : null;
    if (value.length !== wanted.length) return null;
    return equalBytes(digestOf(this.#md5, value), wanted.digest!) ? value : null;
  }

  /** Whether some values of an entry did not travel in the list: they come with a reply. */
  hasLongValues(entry: FileEntry): boolean {
    return this.#localOf(entry).some(({ item }) => item.digest !== null);
  }

  /**
   * What must be set and removed so that `item` has the attributes of its entry, or the name of a long value that did not
   * come and that none of `bases` has.
   */
  async plan(
    entry: FileEntry,
    item: ItemAttributes,
    bases: readonly ItemAttributes[],
  ): Promise<XattrChanges | { missing: ByteString }> {
    const present = new Set(await visibleNames(this.#names, item));
    const set: [ByteString, Uint8Array][] = [];
    for (const { name, item: wanted } of this.#localOf(entry)) {
      const isThere = present.delete(name);
      if (isThere && (await this.#isSame(wanted, item, name))) continue;
      const value = wanted.value ?? (await this.#fromBases(wanted, bases, name));
      if (value === null) return { missing: name };
      set.push([name, value]);
    }
    return { set, remove: [...present] };
  }

  async #fromBases(
    wanted: XattrItem,
    bases: readonly ItemAttributes[],
    name: ByteString,
  ): Promise<Uint8Array | null> {
    for (const basis of bases) {
      try {
        const value = await this.#matching(wanted, basis, name);
        if (value !== null) return value;
      } catch {
        // there is no such item (any more); when no other one has it the value is missing, which is told
      }
    }
    return null;
  }

  /** Copies the attributes that count from one item to another, which keeps no others. */
  async copy(from: ItemAttributes, to: ItemAttributes): Promise<XattrChanges> {
    const extra = new Set(await visibleNames(this.#names, to));
    const set: [ByteString, Uint8Array][] = [];
    for (const name of await visibleNames(this.#names, from)) {
      extra.delete(name);
      const value = await from.getAttribute(name);
      if (value !== null) set.push([name, value]);
    }
    return { set, remove: [...extra] };
  }
}

/** Attributes to be set and removed. */
export interface XattrChanges {
  set: [ByteString, Uint8Array][];
  remove: ByteString[];
}

/** Carries out changes; goes on after a failure. */
export async function applyXattrChanges(
  item: ItemAttributes,
  { set, remove }: XattrChanges,
  failed: XattrFailure,
): Promise<void> {
  for (const [name, value] of set) {
    try {
      await item.setAttribute(name, value);
    } catch (error) {
      failed("fsetxattr", name, error);
    }
  }
  for (const name of remove) {
    try {
      await item.removeAttribute(name);
    } catch (error) {
      failed("fremovexattr", name, error);
    }
  }
}

/** The digest that stands for a long value. */
export function digestOf(md5: HashStream, value: Uint8Array): Uint8Array {
  md5.reset();
  md5.update(value);
  return md5.digest();
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
