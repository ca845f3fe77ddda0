/**
 * A push while it is planned.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Mark } from "../state/mark.js";
import { parentOf } from "../state/tree-paths.js";
import { isRegular } from "./looks.js";
import type { Look } from "./source-tree.js";

/** Collects what a push brings, and which marks that settles. */
export class Draft {
  readonly items: Map<ByteString, Look> = new Map();
  readonly forced: Set<ByteString> = new Set();
  /** Directories that are items for their times alone. */
  readonly touched: Set<ByteString> = new Set();
  /** The highest missing names, with the marks that they stand for. */
  readonly deletes: Map<ByteString, Mark[]> = new Map();
  /** Items that stand for marks of other paths. */
  readonly standsFor: Map<ByteString, ByteString[]> = new Map();
  readonly covered: Mark[] = [];
  readonly reconciles: Mark[] = [];
  /** Directories that did not fit. */
  readonly rest: Mark[] = [];
  /** Covered marks that are parked whatever comes of the push. */
  readonly parked: Set<ByteString> = new Set();
  readonly heldDeletes: Set<ByteString> = new Set();
  readonly unreadable: Set<ByteString> = new Set();
  /** Bytes in the regular files. */
  bytes = 0;

  addItem(path: ByteString, look: Look, isForced: boolean): void {
    if (isForced) this.forced.add(path);
    if (this.touched.size > 0) this.touched.delete(path);
    if (this.items.has(path)) return;
    this.items.set(path, look);
    if (isRegular(look)) this.bytes += look.size;
  }

  /** A directory in which names came or went. */
  addTouched(path: ByteString, look: Look): void {
    if (this.items.has(path)) return;
    this.items.set(path, look);
    this.touched.add(path);
  }

  /** Nobody can tell what is under this path. */
  addUnreadable(path: ByteString): void {
    this.unreadable.add(path);
    this.parked.add(path);
  }

  addDelete(top: ByteString, mark: Mark): void {
    const marks = this.deletes.get(top);
    if (marks === undefined) this.deletes.set(top, [mark]);
    else marks.push(mark);
  }

  /** The mark is settled together with another path. */
  addStandIn(path: ByteString, mark: Mark): void {
    this.covered.push(mark);
    const paths = this.standsFor.get(path);
    if (paths === undefined) this.standsFor.set(path, [mark.path]);
    else paths.push(mark.path);
  }

  /**
   * Directories on the way to what is sent or deleted go with it: they may be new to the target, and those next to it
   * get another time there when names in them change.
   */
  addParents(lookAt: (path: ByteString) => Look | null | "unreadable"): void {
    const paths = [...this.items.keys(), ...this.deletes.keys()];
    for (const path of paths) {
      for (let up = path; up !== ""; ) {
        up = parentOf(up);
        // Those above it are here too, or come when it is its own turn.
        if (this.items.has(up)) break;
        const look = lookAt(up);
        if (look === null || look === "unreadable") break;
        this.addTouched(up, look);
      }
    }
  }
}
