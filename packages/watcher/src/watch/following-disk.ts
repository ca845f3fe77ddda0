/**
 * The directories of a root in which links to directories look like these.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { type DirectoryLinks, isLinkMode } from "../links/directory-links.js";
import { Disk, type DiskEntry, fromStats } from "./disk.js";

/** Tells links from each other, and what they lead to. */
export type LinkIdentity = bigint;

/** Is told each link that is met. */
export type LinkNoted = (path: ByteString, identity: LinkIdentity) => void;

/** What a link is followed to. */
export interface FollowedLink {
  /** `null`: it stays a link. */
  readonly directory: DiskEntry | null;
  readonly identity: LinkIdentity;
}

export class FollowingDisk extends Disk {
  readonly #links: DirectoryLinks;
  readonly #noted: LinkNoted;

  constructor(root: ByteString, links: DirectoryLinks, noted: LinkNoted) {
    super(root, { follow: true });
    this.#links = links;
    this.#noted = noted;
  }

  override look(path: ByteString): DiskEntry | number {
    const entry = super.look(path);
    if (typeof entry === "number" || !isLinkMode(entry.mode)) return entry;
    const { directory, identity } = this.follow(path, entry);
    this.#noted(path, identity);
    return directory ?? entry;
  }

  /** The item itself, links too, or a negated errno. */
  lookAtItem(path: ByteString): DiskEntry | number {
    return super.look(path);
  }

  /** What the link at a path, which is `entry` itself, leads to. */
  follow(path: ByteString, { inode, ctimeNs }: DiskEntry): FollowedLink {
    const own = (inode << 64n) | ctimeNs;
    const stats = this.#links.behind(path);
    if (stats === null) return { directory: null, identity: own };
    const { dev, ino } = stats;
    return { directory: fromStats(stats), identity: (((dev << 64n) | ino) << 128n) | own };
  }

  isCircle(path: ByteString): boolean {
    return this.#links.isCircle(path);
  }
}
