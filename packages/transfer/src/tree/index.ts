/** Trees of files: how the roles reach them. */
export { Confinement, confinementOf } from "./confinement.js";
export type {
  Awaitable,
  FileStat,
  FileTime,
  FileTree,
  TemporaryFile,
  TemporaryStyle,
  TreeFile,
} from "./file-tree.js";
export { TreeError } from "./file-tree.js";
export { MemoryFile } from "./memory-file.js";
export { type MemoryTemporaryFile, MemoryTree, type MemoryTreeOptions } from "./memory-tree.js";
export { NodeFile } from "./node-file.js";
export {
  type NodeTemporaryFile,
  type NodeTree,
  type OpenTreeOptions,
  openTree,
} from "./node-tree.js";
export { type LinkTrust, openBelow, type PartOfWay } from "./open-below.js";
export { openOperatorDirectory, openOperatorTree } from "./operator-directory.js";
export { errnoOf, errorCode, errorNumber, errorText, reason, treeError } from "./system-error.js";
export { temporaryPath } from "./temporary-name.js";
export { openTrusted, pathBytes, readTrusted } from "./trusted-file.js";
