/**
 * Opens what the operator names in the configuration or in an option: files that may be anywhere, but not behind a symbolic
 * link of a stranger. A link is followed only when root or the effective user owns it, in every part of the path.
 *
 * Spec: docs/protocol/5-daemon.md, 5.12.1 (RC); 4-command.md, 16.
 * @module
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
} from "node:fs";
import { constants as systemConstants } from "node:os";
import { type ByteString, decodeByteString } from "@tsrsync/protocol/wire";

const MAX_LINKS = 40;
const MAX_DEPTH = 1024;

/** Linux: a descriptor that only marks a place. It needs no permission to read it. */
const O_PATH = 0x200000;

/** The bytes of a path as Node's file functions take them. */
export function pathBytes(path: ByteString): Buffer {
  return Buffer.from(path, "latin1");
}

function systemError(code: "ELOOP" | "ENOTDIR" | "EINVAL", path: ByteString): Error {
  const errno = -systemConstants.errno[code];
  return Object.assign(new Error(`${code}: ${path}`), { code, errno, path });
}

/** A directory on the way: held open where the system can name what lies in an open one, so that nobody can swap it. */
class Place {
  readonly #descriptor: number | null;
  readonly #path: ByteString;

  constructor(path: ByteString, descriptor: number | null) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  static start(path: ByteString): Place {
    const holds = process.platform === "linux" && existsSync("/proc/self/fd");
    return new Place(path, holds ? openSync(path, O_PATH | constants.O_DIRECTORY) : null);
  }

  /** A path to what is called `name` here. */
  at(name: ByteString): Buffer {
    const base = this.#descriptor === null ? this.#path : `/proc/self/fd/${this.#descriptor}`;
    return pathBytes(`${base}/${name}`);
  }

  /** The directory `name`, or where the link of that name points to. */
  enter(name: ByteString): Place | ByteString {
    const inside = `${this.#path}/${name}`;
    if (this.#descriptor === null) {
      const stat = lstatSync(this.at(name), { bigint: true });
      if (stat.isDirectory()) return new Place(inside, null);
      return this.#linkTarget(name, stat);
    }
    const descriptor = openSync(this.at(name), O_PATH | constants.O_NOFOLLOW);
    let isKept = false;
    try {
      const stat = fstatSync(descriptor, { bigint: true });
      isKept = stat.isDirectory();
      return isKept ? new Place(inside, descriptor) : this.#linkTarget(name, stat);
    } finally {
      if (!isKept) closeSync(descriptor);
    }
  }

  /** Where the link `name` points to, once its owner is known to be trusted. */
  readLink(name: ByteString): ByteString {
    return this.#linkTarget(name, lstatSync(this.at(name), { bigint: true }));
  }

  #linkTarget(name: ByteString, stat: BigIntStats): ByteString {
    const path = `${this.#path}/${name}`;
    if (!stat.isSymbolicLink()) throw systemError("ENOTDIR", path);
    if (stat.uid !== 0n && stat.uid !== BigInt(process.geteuid?.() ?? 0)) {
      throw systemError("ELOOP", path);
    }
    const target = decodeByteString(readlinkSync(this.at(name), "buffer"));
    // The link that was read must be the link whose owner was looked at.
    const after = lstatSync(this.at(name), { bigint: true });
    if (after.ino !== stat.ino || after.dev !== stat.dev || after.ctimeNs !== stat.ctimeNs) {
      throw systemError("ELOOP", path);
    }
    return target;
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
  }
}

/**
 * Opens a file that the operator names.
 * @param flags of open(2); links are never followed by the kernel.
 * @param waits for somebody at the other end of a FIFO
 * @returns a descriptor, owned by the caller.
 * @throws a system error: ELOOP for a link of a stranger.
 */
export function openTrusted(path: ByteString, flags: number, mode = 0o600, waits = false): number {
  if (path.includes("\0")) throw systemError("EINVAL", path);
  let rest = path;
  let place = Place.start(path.startsWith("/") ? "/" : ".");
  try {
    for (let links = 0, depth = 0; depth < MAX_DEPTH; depth++) {
      const [name, behind] = splitPath(rest);
      if (behind === "") {
        const opened = openLeaf(place, name, waits ? flags : flags | constants.O_NONBLOCK, mode);
        if (typeof opened === "number") return opened;
        rest = opened;
      } else {
        const next = place.enter(name);
        if (typeof next !== "string") {
          place.close();
          place = next;
          rest = behind;
          continue;
        }
        rest = `${next}/${behind}`;
      }
      if (++links > MAX_LINKS) throw systemError("ELOOP", path);
      if (rest.startsWith("/")) {
        place.close();
        place = Place.start("/");
      }
    }
    throw systemError("ELOOP", path);
  } finally {
    place.close();
  }
}

/** The first component, and what lies behind it; a slash at the end asks for a directory. */
function splitPath(path: ByteString): [name: ByteString, behind: ByteString] {
  let start = 0;
  while (path[start] === "/") start++;
  let end = path.indexOf("/", start);
  if (end < 0) return [path.slice(start) || ".", ""];
  const name = path.slice(start, end);
  while (path[end] === "/") end++;
  return [name, path.slice(end) || "."];
}

/** A descriptor, or where the link of this name points to. */
function openLeaf(
  place: Place,
  name: ByteString,
  flags: number,
  mode: number,
): number | ByteString {
  try {
    return openSync(place.at(name), flags | constants.O_NOFOLLOW, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ELOOP") throw error;
    const target = place.readLink(name);
    // An open descriptor of ours, as a shell passes one on: its name leads nowhere.
    return /^(?:pipe|socket):\[/.test(target) ? openSync(place.at(name), flags, mode) : target;
  }
}

/**
 * The bytes of a file that the configuration names.
 * @throws a system error.
 */
export function readTrusted(path: ByteString): ByteString {
  const descriptor = openTrusted(path, constants.O_RDONLY);
  try {
    return readFileSync(descriptor, "latin1");
  } finally {
    closeSync(descriptor);
  }
}
