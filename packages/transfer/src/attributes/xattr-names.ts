/**
 * Which extended attributes count, and what they are called here (spec 2-file-list, 2.13.2).
 * @module
 */
import { choosesXattr, type FilterScope } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ItemAttributes } from "../tree/file-tree.js";
import { isUnsupported } from "./acls.js";

const OWN_PREFIX = "user.rsync.";

/** The names of one side of a session. */
export interface XattrNames {
  scope: FilterScope;
  /** `-XX`. */
  takesOwn: boolean;
  /** The receiving side acts as superuser. */
  superUser: boolean;
}

/** The attributes of an item that a sender sends, sorted as bytes. */
export function sentNames(names: XattrNames, item: ItemAttributes): Promise<ByteString[]> {
  const choice = { takesAll: true, takesOwn: names.takesOwn };
  return listedNames(item, (name) => choosesXattr(names.scope, name, choice));
}

/** The attributes of an item at the destination that are compared, and removed where the source has none such. */
export function visibleNames(names: XattrNames, item: ItemAttributes): Promise<ByteString[]> {
  const choice = { takesAll: names.superUser, takesOwn: true };
  return listedNames(item, (name) => choosesXattr(names.scope, name, choice));
}

async function listedNames(
  item: ItemAttributes,
  isChosen: (name: ByteString) => boolean,
): Promise<ByteString[]> {
  try {
    const answer = item.listAttributes();
    const listed = answer instanceof Promise ? await answer : answer;
    return listed.length === 0 ? [] : listed.filter(isChosen).sort();
  } catch (error) {
    if (isUnsupported(error)) return [];
    throw error;
  }
}

/** What a received attribute is called here; `null` when it is not taken. */
export function localName(names: XattrNames, name: ByteString): ByteString | null {
  const { scope, takesOwn, superUser } = names;
  if (scope.hasXattrRules && scope.findXattr(name)?.include === false) return null;
  if (!superUser && !name.startsWith("user.")) {
    return scope.hasXattrRules ? OWN_PREFIX + name : null;
  }
  return !takesOwn && name.startsWith(`${OWN_PREFIX}%`) ? null : name;
}
