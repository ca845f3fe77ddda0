/**
 * Finding or making the destination, once it is known what comes (spec 4-command, 7.3).
 * @module
 */
import { FileIoError, FileSelectionError } from "@tsrsync/protocol";
import { type FileListSet, isDirectory } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FilterPlace } from "../filter/rule-files.js";
import type { Privileges } from "../generator/differences.js";
import type { Session } from "../session/session.js";
import type { Awaitable, FileStat, FileTree } from "../tree/file-tree.js";
import { MemoryTree } from "../tree/memory-tree.js";
import type { LinkTrust, PartOfWay } from "../tree/open-below.js";
import { errorCode, reason } from "../tree/system-error.js";
import { openAlternates } from "./alternate-directories.js";
import type { Destination } from "./destination.js";

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;

/** The world in which a destination lies: a module, or this machine. Paths of the operator: trusted links are followed. */
export interface DestinationPlace {
  /** `null` when there is nothing. */
  statFollowing(path: ByteString): Awaitable<FileStat | null>;
  makeDirectory(path: ByteString, mode: number): Awaitable<void>;
  /** A tree rooted at a directory, in which links are followed or not, but never out of it. */
  enter(path: ByteString, followLinks: boolean, links: LinkTrust): Awaitable<FileTree>;
  /** A directory that an option names, absolute or seen from `directory`; as far as it is there. */
  enterAside(
    directory: ByteString,
    path: ByteString,
    links: LinkTrust,
  ): Awaitable<PartOfWay<FileTree>>;
}

/** What the user asked for. */
export interface DestinationRequest {
  place: DestinationPlace;
  /** A trailing slash means "a directory". Empty is the place's own directory. */
  path: ByteString;
  privileges: Privileges;
  /** What filter rules want to know of a directory of the place. */
  filterPlaceOf?(path: ByteString): FilterPlace;
  /** A path of the place as texts show it. */
  describe(path: ByteString): ByteString;
}

/**
 * Opens the destination. A directory is entered; a missing one is made when several items come or a slash follows it;
 * otherwise its last component is the new name of the single item.
 * @throws FileSelectionError (exit 3), FileIoError (exit 11) when it can not be made.
 */
export async function openDestination(
  session: Session,
  lists: FileListSet,
  request: DestinationRequest,
): Promise<Destination> {
  const path = withoutTrailingSlash(request.path);
  const wantsDirectory = request.path !== path || path === ".";
  const stat = await look(request, path);
  if (stat !== null) return existing(session, lists, request, path, stat, wantsDirectory);
  const first = lists.lists[0]?.entries ?? [];
  // All sources failed: nothing is to be written, so nothing is made either.
  if (first.length === 0) return nowhere(request);
  // With incremental recursion the list of a single directory's contents is here too.
  const isSingle = lists.entryCount === 1;
  if (
    !isSingle ||
    wantsDirectory ||
    (isSingle && isDirectory(first[0]!) && first[0]!.name === ".")
  ) {
    return missingDirectory(session, request, path);
  }
  return renamed(session, request, path);
}

/** A destination in which nothing is, for runs that write nothing. */
export function emptyDestination(privileges: Privileges): Destination {
  return {
    tree: new MemoryTree(),
    localName: null,
    privileges,
    enterAside: (missing) => ({ tree: new MemoryTree(), missing }),
    describe: (path) => path,
  };
}

/** A destination that is not there. */
function nowhere({ privileges, describe }: DestinationRequest): Destination {
  return { ...emptyDestination(privileges), describe };
}

function withoutTrailingSlash(path: ByteString): ByteString {
  if (path === "") return ".";
  return path.replace(/\/+$/, "") || "/";
}

async function look(request: DestinationRequest, path: ByteString): Promise<FileStat | null> {
  try {
    return await request.place.statFollowing(path);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOTDIR") {
      throw new FileSelectionError(
        `[Receiver] ERROR: cannot stat destination ${request.describe(path)}: ${reason(error)}`,
        { cause: error },
      );
    }
    throw new FileSelectionError(
      `[Receiver] change_dir#1 ${request.describe(path)} failed: ${reason(error)}`,
      { cause: error },
    );
  }
}

async function existing(
  session: Session,
  lists: FileListSet,
  request: DestinationRequest,
  path: ByteString,
  stat: FileStat,
  wantsDirectory: boolean,
): Promise<Destination> {
  if ((stat.mode & S_IFMT) === S_IFDIR) return enter(session, request, path);
  if (wantsDirectory) {
    throw new FileSelectionError(
      `[Receiver] ERROR: cannot stat destination ${request.describe(`${path}/`)}: Not a directory (20)`,
    );
  }
  const entries = lists.lists[0]?.entries ?? [];
  if (lists.entryCount > 1) {
    throw new FileSelectionError(
      "ERROR: destination must be a directory when copying more than 1 file",
    );
  }
  if (entries[0] !== undefined && isDirectory(entries[0])) {
    throw new FileSelectionError("ERROR: cannot overwrite non-directory with a directory");
  }
  return renamed(session, request, path);
}

/** Whether links below the destination may stand for directories. */
function followsLinks({ options }: Session): boolean {
  return options.keepDirlinks || (options.relative && !options.impliedDirs);
}

async function enter(
  session: Session,
  request: DestinationRequest,
  path: ByteString,
): Promise<Destination> {
  const { privileges } = request;
  const prefix = path === "." ? "" : path === "/" ? "/" : `${path}/`;
  const describe = (inner: ByteString) => request.describe(inner === "." ? path : prefix + inner);
  const links = session.options.insecureLinks ? "any" : "own";
  let tree: FileTree;
  try {
    tree = await request.place.enter(path, followsLinks(session), links);
  } catch (error) {
    throw new FileSelectionError(
      `[Receiver] change_dir#1 ${request.describe(path)} failed: ${reason(error)}`,
      { cause: error },
    );
  }
  const filterPlace = request.filterPlaceOf?.(path);
  const enterAside = (aside: ByteString) => enterTrusted(request, path, aside, links);
  const alternates = await openAlternates(session, request, path);
  return { tree, localName: null, filterPlace, privileges, enterAside, alternates, describe };
}

/** A way through a link of a stranger, or out of where it may lead, ends the run: what would be made there is wanted nowhere else. */
async function enterTrusted(
  { place, describe }: DestinationRequest,
  directory: ByteString,
  path: ByteString,
  links: LinkTrust,
): Promise<PartOfWay<FileTree>> {
  try {
    return await place.enterAside(directory, path, links);
  } catch (error) {
    if (errorCode(error) !== "ELOOP") throw error;
    throw new FileIoError(`[Receiver] open ${describe(path)} failed: ${reason(error)}`, {
      cause: error,
    });
  }
}

async function missingDirectory(
  session: Session,
  request: DestinationRequest,
  path: ByteString,
): Promise<Destination> {
  const { describe } = request;
  if (session.options.dryRun) {
    session.observer.createdDestination?.(path);
    const alternates = await openAlternates(session, request, path, true);
    return { ...nowhere(request), isNew: true, alternates };
  }
  if (session.options.mkpath) await makeParents(request, path);
  try {
    await request.place.makeDirectory(path, 0o777);
  } catch (error) {
    throw new FileIoError(`[Receiver] mkdir ${describe(path)} failed: ${reason(error)}`, {
      cause: error,
    });
  }
  session.observer.createdDestination?.(path);
  return { ...(await enter(session, request, path)), isNew: true };
}

async function makeParents(request: DestinationRequest, path: ByteString): Promise<void> {
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
    const parent = path.slice(0, at);
    if (parent === "" || (await request.place.statFollowing(parent)) !== null) continue;
    try {
      await request.place.makeDirectory(parent, 0o777);
    } catch (error) {
      throw new FileIoError(
        `[Receiver] mkdir ${request.describe(parent)} failed: ${reason(error)}`,
        {
          cause: error,
        },
      );
    }
  }
}

/** The last component names the single item; its parent is entered. */
async function renamed(
  session: Session,
  request: DestinationRequest,
  path: ByteString,
): Promise<Destination> {
  const slash = path.lastIndexOf("/");
  const parent = slash < 0 ? "." : path.slice(0, slash) || "/";
  const localName = path.slice(slash + 1);
  if (session.options.mkpath && !session.options.dryRun) await makeParents(request, path);
  if (parent !== "." && (await look(request, parent)) === null) {
    if (session.options.dryRun) return { ...nowhere(request), localName };
    throw new FileSelectionError(
      `[Receiver] change_dir#3 ${request.describe(parent)} failed: No such file or directory (2)`,
    );
  }
  return { ...(await enter(session, request, parent)), localName };
}
