/**
 * Path names of directories around the transfer root, as text: nothing is looked up.
 * @module
 */
import type { ByteString } from "../wire/index.js";

/** Joins full path names; `""` is the root of the file system as well as an empty rest. */
export function joinPath(directory: ByteString, rest: ByteString): ByteString {
  return rest === "" || rest === "." ? directory : `${directory}/${rest}`;
}

/** A full path name without `.`, `..`, empty elements and trailing slash; `""` is the root of the file system. */
export function cleanPath(path: ByteString): ByteString {
  const elements: ByteString[] = [];
  for (const element of path.split("/")) {
    if (element === "..") elements.pop();
    else if (element !== "" && element !== ".") elements.push(element);
  }
  return elements.map((element) => `/${element}`).join("");
}

/**
 * The directories, outermost first, in which a merge file whose name has a path is looked for before `directory`
 * itself: from the one that the name gives, down to the parent of `directory`. None when the name has no path, or
 * leads elsewhere. Spec: docs/protocol/4-command.md, 11.5.
 */
export function parentDirectories(name: ByteString, directory: ByteString): ByteString[] {
  const slash = name.lastIndexOf("/");
  if (slash < 0) return [];
  const path = name.slice(0, slash + 1);
  const start = cleanPath(path.startsWith("/") ? path : `${directory}/${path}`);
  if (!directory.startsWith(`${start}/`)) return [];
  const parents: ByteString[] = [];
  for (let end = start.length; end >= 0; end = directory.indexOf("/", end + 1)) {
    parents.push(directory.slice(0, end));
  }
  return parents;
}
