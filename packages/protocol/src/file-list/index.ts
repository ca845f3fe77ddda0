/**
 * The file list: entries, their order and numbers, and what belongs to them. Spec: docs/protocol/2-file-list.md.
 * @module
 */
export type { AclEntry, WireAcl } from "./acl.js";
export type { IdLookup, IdName } from "./announced-ids.js";
export { markDuplicates } from "./duplicates.js";
export { cleanName, MAX_PATH } from "./entry-name.js";
export {
  basename,
  createEntry,
  createExtra,
  dirname,
  type EntryExtra,
  EntryFlag,
  extraOf,
  type FileEntry,
  FileType,
  isDevice,
  isDeviceMode,
  isDirectory,
  isDirectoryMode,
  isMissingArgument,
  isRegular,
  isSpecial,
  isSpecialMode,
  isSymlink,
} from "./file-entry.js";
export { type FileList, indexAt } from "./file-list.js";
export { FileListSet, type FileListSetUse } from "./file-list-set.js";
export { markHardLinked } from "./hard-link.js";
export {
  hasGroupList,
  hasUserList,
  IdListReader,
  readIdList,
  writeIdList,
} from "./id-list.js";
export {
  IoError,
  ListEnd,
  readTrailingIoError,
  writeTrailingIoError,
} from "./list-end.js";
export { createListOptions, type ListOptions } from "./list-options.js";
export { ListReader, MAX_LIST_ENTRIES, type NameConverter } from "./list-reader.js";
export { type IdLookups, ListWriter } from "./list-writer.js";
export { compareEntries, sortEntries } from "./order.js";
export { assertDirectChildren, assertParentsListed } from "./structure.js";
export { MAX_INLINE_VALUE, type XattrItem, type XattrList } from "./xattr.js";
