/**
 * The basis of a file that comes: the one that it was asked for with. What the sender says of it is only checked (spec
 * 3-transfer, 2.3).
 * @module
 */
import { ProtocolError } from "@tsrsync/protocol";
import { BasisType, type ItemRecord } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Basis } from "../generator/basis.js";
import type { Session } from "../session/session.js";
import type { FileTree, TreeFile } from "../tree/file-tree.js";

/** Where a basis is. */
export type BasisPlace = Pick<Basis, "tree" | "path">;

/**
 * Where the basis is that the file was asked for with; `asked` is `null` for the file at the destination.
 * @throws ProtocolError when the sender names another one. Protocol 28 has no words for it.
 */
export function basisPlace(
  { protocol }: Session,
  { tree }: { tree: FileTree },
  asked: Basis | null,
  { basisType, xname }: ItemRecord,
  path: ByteString,
): BasisPlace {
  if (protocol >= 29) {
    const expected = asked?.type ?? BasisType.Destination;
    if (basisType !== expected) {
      throw new ProtocolError(`basis type ${basisType}: expected ${expected}`);
    }
    if (asked !== null && xname !== asked.xname) {
      throw new ProtocolError(`name of a basis: expected ${JSON.stringify(asked.xname)}`);
    }
  }
  return asked ?? { tree, path };
}

/** Opens a basis; `null` when it is gone, so that the data can not be put together. */
export async function openBasis(
  { tree, path }: BasisPlace,
  opensDevices: boolean,
): Promise<TreeFile | null> {
  try {
    return await tree.open(path, { opensDevices });
  } catch {
    return null;
  }
}
