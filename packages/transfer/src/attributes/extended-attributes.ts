/**
 * What `-A` and `-X` mean for items at the destination: comparing, asking, setting.
 * Spec: docs/protocol/2-file-list.md, 2.12 and 2.13; the place among the other attributes: 3-transfer, 8.6.
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import { ItemFlag } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Candidate } from "../generator/quick-check.js";
import type { Destination } from "../receiver/destination.js";
import type { Session } from "../session/session.js";
import type { ItemAttributes } from "../tree/file-tree.js";
import { itemAttributes, PathItem } from "../tree/item-attributes.js";
import { reason } from "../tree/system-error.js";
import { type AclChanges, aclChanges, applyAclChanges, copyAcls } from "./acls.js";
import { applyXattrChanges, type XattrChanges, type Xattrs } from "./xattrs.js";

/** The bits of an item record that ACLs and attributes account for, and what is asked for with it. */
export interface ExtendedDifferences {
  flags: number;
  /** Numbers of long values for the record's list. */
  request: readonly number[];
}

/** Nothing to report, nothing to ask for. */
export const NO_DIFFERENCES: ExtendedDifferences = { flags: 0, request: [] };

/** Something that extended attributes are set on, one of `setAttributes` of a plan. */
export interface ExtendedTarget extends ItemAttributes {
  setMode(mode: number): void | Promise<void>;
}

/** Who sets attributes, and on what; for one call of `applyAttributes`. */
export interface ExtendedPlan {
  attributes: ExtendedAttributes;
  role: "generator" | "receiver";
  /** The item as texts name it. */
  path: ByteString;
  /** Where long values that did not come may be: in the item that is replaced, or another one that served as basis. */
  bases: readonly ItemAttributes[];
}

export class ExtendedAttributes {
  readonly #session: Session;
  readonly #destination: Destination;
  readonly #acls: boolean;
  readonly #xattrs: Xattrs | null;

  /** `xattrs` is `null` without `-X`. */
  constructor(session: Session, destination: Destination, xattrs: Xattrs | null) {
    this.#session = session;
    this.#destination = destination;
    this.#acls = session.options.acls;
    this.#xattrs = xattrs;
  }

  /**
   * Compares an entry with an item, which is to have the permissions `wanted`.
   * @param asks the request will be sent
   */
  async compare(
    entry: FileEntry,
    { tree, path, stat }: Candidate,
    wanted: number,
    asks: boolean,
  ): Promise<ExtendedDifferences> {
    const item = itemAttributes(tree, path);
    let flags = 0;
    try {
      if (this.#acls && hasChanges(await aclChanges(entry, item, stat.mode, wanted))) {
        flags |= ItemFlag.ReportAcl;
      }
      if (this.#xattrs === null) return { flags, request: [] };
      const mayAsk = asks && this.#hasAnswers();
      const { differs, request } = await this.#xattrs.compare(entry, item, mayAsk);
      if (differs) flags |= ItemFlag.ReportXattr;
      return { flags, request };
    } catch (error) {
      this.#problem("generator", `failed to read attributes of ${this.#describe(path)}`, error);
      return { flags, request: [] };
    }
  }

  /** What is reported of, and asked for, for an item that is not there yet. */
  forNew(entry: FileEntry): ExtendedDifferences {
    if (this.#xattrs === null) return NO_DIFFERENCES;
    const { differs, request } = this.#xattrs.compareNew(entry, this.#hasAnswers());
    return { flags: differs ? ItemFlag.ReportXattr : 0, request };
  }

  /**
   * Who sets the attributes of the item that texts call `path`. `place` is where it will be, when it is not there yet: what
   * is there now may have values.
   */
  planFor(
    role: ExtendedPlan["role"],
    path: ByteString,
    place: ByteString | null = null,
  ): ExtendedPlan {
    const { tree, alternates } = this.#destination;
    const bases = place === null ? [] : [itemAttributes(tree, place)];
    for (const alternate of alternates ?? []) {
      if (alternate.tree !== null) bases.push(itemAttributes(alternate.tree, place ?? path));
    }
    return { attributes: this, role, path, bases };
  }

  /**
   * Sets and removes extended attributes. A generator leaves an item alone of which values are yet to come: the receiver
   * does it when they have.
   * @param mode the permission bits that the item has now
   */
  async setXattrs(
    target: ExtendedTarget,
    entry: FileEntry,
    mode: number,
    { role, path, bases }: ExtendedPlan,
  ): Promise<boolean> {
    if (this.#xattrs === null) return false;
    const changes = await this.#xattrs.plan(entry, target, bases);
    if ("missing" in changes) {
      if (role === "generator") return false;
      const text = `Missing abbreviated xattr value, ${changes.missing}, for ${path}`;
      this.#session.notice("transfer-error", `rsync: [${role}] ${text}`);
      return false;
    }
    if (changes.set.length + changes.remove.length === 0) return false;
    await this.#withWritePermission(target, mode, changes, role, path);
    return true;
  }

  /** Attributes of a read-only file are set by its owner only while it is not. */
  async #withWritePermission(
    target: ExtendedTarget,
    mode: number,
    changes: XattrChanges,
    role: ExtendedPlan["role"],
    path: ByteString,
  ): Promise<void> {
    const isLocked =
      !this.#destination.privileges.superUser &&
      (mode & 0o200) === 0 &&
      (mode & 0o170000) !== 0o120000;
    if (isLocked) await target.setMode(mode | 0o200);
    await applyXattrChanges(target, changes, (call, name, error) => {
      const text = `rsync_xal_set: ${call}(${this.#describe(path)},"${name}") failed`;
      this.#problem(role, text, error);
    });
    if (isLocked) await target.setMode(mode);
  }

  /** Sets ACLs; true when an access ACL was, and with it permission bits. */
  async setAcls(
    target: ItemAttributes,
    entry: FileEntry,
    present: number,
    wanted: number,
    { role, path }: ExtendedPlan,
  ): Promise<boolean> {
    if (!this.#acls) return false;
    const changes = await aclChanges(entry, target, present, wanted);
    if (!hasChanges(changes)) return false;
    await applyAclChanges(target, changes, (kind, error) => {
      this.#session.notice(
        "transfer-error",
        `rsync: [${role}] set_acl: xacl_set(${path}, ${kind}): ${reason(error)}`,
      );
    });
    return true;
  }

  /** In a dry run nothing is sent, unless it goes into a batch. */
  #hasAnswers(): boolean {
    const { dryRun, onlyWriteBatch } = this.#session.options;
    return !dryRun || onlyWriteBatch;
  }

  /** Sets the attributes of an item whose long values have just come (an item without transfer). */
  async setLate(entry: FileEntry, path: ByteString): Promise<void> {
    if (this.#session.options.dryRun || this.#xattrs?.hasLongValues(entry) !== true) return;
    const { tree } = this.#destination;
    try {
      const stat = await tree.stat(path);
      if (stat === null) return;
      const target = new PathItem(tree, path);
      await this.setXattrs(target, entry, stat.mode, this.planFor("receiver", path));
    } catch (error) {
      this.#problem("receiver", `failed to set attributes of ${this.#describe(path)}`, error);
    }
  }

  /**
   * Gives an item the ACLs and attributes of another one of the same type, as far as options ask for them: for copies of
   * what is at the destination (backups, alternate bases).
   */
  async copyAttributes(
    role: ExtendedPlan["role"],
    from: ItemAttributes,
    to: ItemAttributes,
    path: ByteString,
  ): Promise<void> {
    if (this.#xattrs !== null) {
      const changes = await this.#xattrs.copy(from, to);
      await applyXattrChanges(to, changes, (call, name, error) => {
        const text = `rsync_xal_set: ${call}(${this.#describe(path)},"${name}") failed`;
        this.#problem(role, text, error);
      });
    }
    if (this.#acls) await copyAcls(from, to);
  }

  #describe(path: ByteString): ByteString {
    return this.#destination.describe(path);
  }

  #problem(role: ExtendedPlan["role"], text: ByteString, error: unknown): void {
    this.#session.notice("transfer-error", `rsync: [${role}] ${text}: ${reason(error)}`);
  }
}

function hasChanges(changes: AclChanges): boolean {
  return changes.access !== undefined || changes.default !== undefined;
}
