/**
 * What `-A` and `-X` mean for a sender: reading ACLs and attributes into the list, and the long values that are asked for.
 * Spec: docs/protocol/2-file-list.md, 2.12.1, 2.13.1 and 2.13.3.
 * @module
 */
import { ACCESS_ACL, DEFAULT_ACL, strippedAccessAcl } from "@tsrsync/protocol/attributes";
import type { HashStream } from "@tsrsync/protocol/checksum";
import {
  extraOf,
  type FileEntry,
  IoError,
  isDevice,
  isDirectory,
  isRegular,
  isSpecial,
  isSymlink,
  MAX_INLINE_VALUE,
  type XattrItem,
  type XattrList,
} from "@tsrsync/protocol/file-list";
import { writeXattrReplyEnd, writeXattrValue } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import { looksThroughLinks } from "../sender/look-through.js";
import { type Source, treePath } from "../sender/source.js";
import type { Session } from "../session/session.js";
import type { FileTree, ItemAttributes } from "../tree/file-tree.js";
import { itemAttributes } from "../tree/item-attributes.js";
import { isLinkMode } from "../tree/item-type.js";
import { reason } from "../tree/system-error.js";
import { readAcl } from "./acls.js";
import { sentNames, type XattrNames } from "./xattr-names.js";
import { digestOf } from "./xattrs.js";

const NO_VALUE = new Uint8Array(0);

export class SourceAttributes {
  readonly #session: Session;
  readonly #names: XattrNames;
  readonly #md5: HashStream;
  /** Neighbours often have the same attributes: their entries share a list. */
  #last: XattrList = { items: [] };

  constructor(session: Session, names: XattrNames, md5: HashStream) {
    this.#session = session;
    this.#names = names;
    this.#md5 = md5;
  }

  /** Reads what the entry is to carry; false, with a report, when that fails: the entry is left out then. */
  async describe(source: Source, entry: FileEntry, path: ByteString): Promise<boolean> {
    const { options } = this.#session;
    const item = itemAttributes(source.tree, treePath(source, path));
    let call = "sys_acl_get_file";
    try {
      if (options.acls && this.#carriesAcl(entry)) {
        if (looksThroughLinks(options)) await readReferentAcls(source.tree, path, item, entry);
        else await readAcls(item, entry);
      }
      call = "get_xattr";
      if (options.xattrs > 0) await this.#readXattrs(item, entry);
      return true;
    } catch (error) {
      this.#session.addIoError(IoError.General);
      const text = `${call}(${source.describe(path)}) failed: ${reason(error)}`;
      this.#session.notice("transfer-error", `rsync: [sender] ${text}`);
      return false;
    }
  }

  #carriesAcl(entry: FileEntry): boolean {
    const { devices, specials } = this.#session.options;
    if (isSymlink(entry)) return false;
    if (isDevice(entry)) return devices;
    return !isSpecial(entry) || specials;
  }

  async #readXattrs(item: ItemAttributes, entry: FileEntry): Promise<void> {
    const names = await sentNames(this.#names, item);
    if (names.length === 0) return;
    const items: XattrItem[] = [];
    for (const name of names) {
      const answer = item.getAttribute(name);
      const value = answer instanceof Promise ? await answer : answer;
      if (value !== null) items.push(this.#itemOf(name, value)); // else it was just removed
    }
    if (items.length === 0) return;
    if (!areSame(items, this.#last.items)) this.#last = { items };
    extraOf(entry).xattrs = this.#last;
  }

  #itemOf(name: ByteString, value: Uint8Array): XattrItem {
    const { length } = value;
    if (length <= MAX_INLINE_VALUE) return { name, length, value, digest: null };
    return { name, length, value: null, digest: digestOf(this.#md5, value) };
  }

  /** Writes the values that were asked for as they are now; one that can not be read any more is empty. */
  async reply(source: Source, entry: FileEntry, numbers: readonly number[]): Promise<void> {
    const { output } = this.#session;
    const item = itemAttributes(source.tree, treePath(source, entry.name));
    let last = 0;
    for (const number of numbers) {
      const { name } = entry.extra!.xattrs!.items[number - 1]!; // checked when the request was read
      writeXattrValue(output.writer, last, number, await valueOrNothing(item, name));
      last = number;
    }
    writeXattrReplyEnd(output.writer);
  }
}

async function readAcls(item: ItemAttributes, entry: FileEntry): Promise<void> {
  const access = await readAcl(item, ACCESS_ACL);
  const stripped = access === null ? null : strippedAccessAcl(access, entry.mode);
  if (stripped !== null) extraOf(entry).accessAcl = stripped;
  if (!isDirectory(entry)) return;
  const inherited = await readAcl(item, DEFAULT_ACL);
  if (inherited !== null) extraOf(entry).defaultAcl = inherited;
}

/** ACLs are those of what a link points to, where it is sent as that; extended attributes are the link's own. */
async function readReferentAcls(
  tree: FileTree,
  path: ByteString,
  item: ItemAttributes,
  entry: FileEntry,
): Promise<void> {
  const stat = await tree.stat(path);
  if (stat === null || !isLinkMode(stat.mode)) return readAcls(item, entry);
  if (isDirectory(entry)) {
    const referent = await tree.subtree(path);
    await readAcls(itemAttributes(referent, ""), entry).finally(() => referent.close());
  } else if (isRegular(entry)) {
    const referent = await tree.open(path, { followsLink: true });
    await readAcls(referent, entry).finally(() => referent.close());
  }
}

async function valueOrNothing(item: ItemAttributes, name: ByteString): Promise<Uint8Array> {
  try {
    return (await item.getAttribute(name)) ?? NO_VALUE;
  } catch {
    return NO_VALUE; // the receiver sees that it is not what the list told
  }
}

function areSame(a: readonly XattrItem[], b: readonly XattrItem[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((item, index) => {
    const other = b[index]!;
    if (item.name !== other.name || item.length !== other.length) return false;
    const content = item.value ?? item.digest!;
    const otherContent = other.value ?? other.digest!;
    return content.every((byte, at) => byte === otherContent[at]);
  });
}
