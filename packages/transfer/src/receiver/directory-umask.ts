/**
 * The umask for new items of a directory: a default ACL of the directory takes the place of the process's (spec 3-transfer,
 * 8.2).
 * @module
 */
import { DEFAULT_ACL, modeOfAcl } from "@tsrsync/protocol/attributes";
import type { ByteString } from "@tsrsync/protocol/wire";
import { readAcl } from "../attributes/acls.js";
import { itemAttributes } from "../tree/item-attributes.js";
import { directoryOf } from "../tree/tree-path.js";
import type { Destination } from "./destination.js";

interface KnownUmask {
  directory: ByteString;
  umask: number;
}

/** Items come directory by directory. */
const lastKnown = new WeakMap<Destination, KnownUmask>();

/** The permission bits that a new item at `path` does not get without `-p`. */
export async function umaskFor(destination: Destination, path: ByteString): Promise<number> {
  const { tree, privileges } = destination;
  if (!tree.reachesAttributes) return privileges.umask;
  const directory = directoryOf(path);
  const known = lastKnown.get(destination);
  if (known?.directory === directory) return known.umask;
  const umask = (await umaskOfAcl(destination, directory)) ?? privileges.umask;
  lastKnown.set(destination, { directory, umask });
  return umask;
}

async function umaskOfAcl({ tree }: Destination, directory: ByteString): Promise<number | null> {
  try {
    const acl = await readAcl(itemAttributes(tree, directory), DEFAULT_ACL);
    return acl === null ? null : 0o777 & ~modeOfAcl(acl);
  } catch {
    return null; // making the item there will tell what is wrong with the directory
  }
}
