/**
 * All calls of this folder, bound once per thread.
 * @module
 */
import { type AttributeCalls, bindAttributes } from "./attributes.js";
import { bindCreate, type CreateCalls } from "./create.js";
import { bindExtendedAttributes, type ExtendedAttributeCalls } from "./extended-attributes.js";
import { type Library, loadLibrary } from "./library.js";
import { bindOpen, type OpenCalls } from "./open.js";
import { bindReadDirectory, type ReadDirectoryCalls } from "./read-directory.js";
import { bindReadLink, type ReadLinkCalls } from "./read-link.js";
import { bindRename, type RenameCalls } from "./rename.js";
import { bindSeek, type SeekCalls } from "./seek.js";
import { bindSocket, type SocketCalls } from "./socket.js";
import { bindSpace, type SpaceCalls } from "./space.js";
import { bindStat, type StatCalls } from "./stat.js";
import { bindTimes, type TimeCalls } from "./times.js";

/**
 * Linux's calls on names relative to an open directory. Each takes a directory's descriptor (AT_FDCWD for the working
 * directory) and returns its result or a negated errno; none allocates, none throws for what the kernel refuses.
 */
export interface LinuxCalls
  extends OpenCalls,
    StatCalls,
    SeekCalls,
    TimeCalls,
    AttributeCalls,
    CreateCalls,
    RenameCalls,
    ReadLinkCalls,
    ReadDirectoryCalls,
    SocketCalls,
    SpaceCalls,
    ExtendedAttributeCalls {}

function bindAll(library: Library): LinuxCalls {
  return {
    ...bindOpen(library),
    ...bindStat(library),
    ...bindSeek(library),
    ...bindTimes(library),
    ...bindAttributes(library),
    ...bindCreate(library),
    ...bindRename(library),
    ...bindReadLink(library),
    ...bindReadDirectory(library),
    ...bindSocket(library),
    ...bindSpace(library),
    ...bindExtendedAttributes(library),
  };
}

let calls: LinuxCalls | null | undefined;

/** The calls, or `null` where they can not be had (see {@link loadLibrary}). */
export function loadLinuxCalls(): LinuxCalls | null {
  if (calls === undefined) {
    const library = loadLibrary();
    calls = library === null ? null : bindAll(library);
  }
  return calls;
}
