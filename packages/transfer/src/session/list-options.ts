/**
 * The shape of the file list, as it follows from the options of a session.
 * @module
 */
import { createListOptions, type ListOptions } from "@tsrsync/protocol/file-list";
import type { Session } from "./session.js";

/** Both sides of a session come to the same result. */
export function listOptionsOf(session: Session): ListOptions {
  const { options, protocol, compatFlags } = session;
  return createListOptions(protocol, compatFlags, {
    preserveUid: options.owner,
    preserveGid: options.group,
    preserveLinks: options.links,
    devices: options.devices,
    specials: options.specials,
    atimes: options.atimes,
    hardLinks: options.hardLinks,
    checksumLength: session.listHashLength,
    acls: options.acls,
    xattrs: options.xattrs > 0,
    numericIds: options.numericIds,
    relative: options.relative,
    recursive: options.recursive,
    impliedDirs: options.impliedDirs,
    deleteMissingArgs: options.missingArgs === "delete",
  });
}
